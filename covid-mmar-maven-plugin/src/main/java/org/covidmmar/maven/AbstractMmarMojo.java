package org.covidmmar.maven;

import java.io.File;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.covidmmar.mmar.MmarExperiment;
import org.covidmmar.mmar.MmarReader;

/** An MMAR beside the pom, and what Maven gives every goal. */
abstract class AbstractMmarMojo extends AbstractMojo {
  /**
   * Folder of an MMAR of Clara Train 3 whose configuration is run as it is; for import also an
   * archive of one. What it sets wins over the pom and loses against {@code -D}.
   */
  @Parameter(property = "covid.mmar")
  File mmar;

  /** File in the folder config of the MMAR; config_train.json where none is given. */
  @Parameter(property = "covid.mmar.config")
  private String mmarConfig;

  /**
   * Values over those of the MMAR's files, as its commands set them: key=value, separated by
   * commas, as in learning_rate=1e-4,epochs=200.
   */
  @Parameter(property = "covid.mmar.set")
  private String mmarSet;

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  MavenProject project;

  @Parameter(defaultValue = "${session}", readonly = true, required = true)
  MavenSession session;

  @Parameter(defaultValue = "${plugin}", readonly = true, required = true)
  PluginDescriptor plugin;

  /**
   * What an MMAR means.
   *
   * @param folder its folder; null where there is none, then the result is null
   */
  final MmarExperiment read(File folder, MmarReader.Results results) {
    return MmarLayer.read(folder, mmarConfig, mmarSet, session, results);
  }
}
