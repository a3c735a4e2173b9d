package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;

/** What the goals that know a dataset have in common. */
abstract class AbstractDatasetMojo extends AbstractCovidMojo {

  /** Folder that relative paths of the dataset are under. A folder; default data. */
  @Parameter(property = "covid.dataRoot")
  private String dataRoot;

  /** The MMAR dataset file, relative to covid.dataRoot. A file; default dataset.json. */
  @Parameter(property = "covid.dataset")
  private String dataset;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.DATA_ROOT, dataRoot);
    given.put(Setting.DATASET, dataset);
  }
}
