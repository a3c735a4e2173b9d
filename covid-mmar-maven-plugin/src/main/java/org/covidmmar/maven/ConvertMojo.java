package org.covidmmar.maven;

import java.util.Map;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;

/**
 * Makes a NIfTI volume in HU of every CT series in a folder of DICOM files, with a JSON file beside
 * it. Does nothing where covid.dicomDir is not set.
 */
@Mojo(name = "convert", defaultPhase = LifecyclePhase.GENERATE_RESOURCES, threadSafe = true)
public final class ConvertMojo extends AbstractCovidMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipConvert", defaultValue = "false")
  private boolean skipConvert;

  /** Folder that relative paths of the dataset are under. A folder; default data. */
  @Parameter(property = "covid.dataRoot")
  private String dataRoot;

  /**
   * Folder of the DICOM files that convert makes volumes of, in covid.dataRoot; without one it does
   * nothing. A folder; no default.
   */
  @Parameter(property = "covid.dicomDir")
  private String dicomDir;

  /**
   * What names of DICOM files end with, such as .dcm; any file is looked at where none is given.
   * The end of a name; no default.
   */
  @Parameter(property = "covid.convert.suffix")
  private String convertSuffix;

  /**
   * Names of the volumes that convert makes: {series} is the series number, {uid} and {study} eight
   * hexadecimal digits of the hashed identifiers, {patient} sixteen of the patient's, {folder} the
   * name of the source folder; with / come folders. A pattern; default {series}_{uid}.
   */
  @Parameter(property = "covid.convert.name")
  private String convertName;

  /** Format of the volumes that convert makes. One of .nii.gz, .nii; default .nii.gz. */
  @Parameter(property = "covid.convert.format")
  private String convertFormat;

  /**
   * Voxel size that convert resamples to; that of the scan where none is given. A number above 0,
   * or three x,y,z (mm); no default.
   */
  @Parameter(property = "covid.convert.spacing")
  private String convertSpacing;

  /**
   * Whether what may tell who the patient is (name, birth date, identifiers, dates, institution)
   * goes into the JSON file beside a volume. One of false, true; default false.
   */
  @Parameter(property = "covid.convert.identifying")
  private String convertIdentifying;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.DATA_ROOT, dataRoot);
    given.put(Setting.DICOM_DIR, dicomDir);
    given.put(Setting.CONVERT_SUFFIX, convertSuffix);
    given.put(Setting.CONVERT_NAME, convertName);
    given.put(Setting.CONVERT_FORMAT, convertFormat);
    given.put(Setting.CONVERT_SPACING, convertSpacing);
    given.put(Setting.CONVERT_IDENTIFYING, convertIdentifying);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.CONVERT;
  }

  @Override
  boolean skipGoal() {
    return skipConvert;
  }
}
