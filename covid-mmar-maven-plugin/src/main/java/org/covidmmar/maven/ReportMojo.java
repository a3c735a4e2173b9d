package org.covidmmar.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.maven.doxia.sink.Sink;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.reporting.MavenReport;
import org.apache.maven.reporting.MavenReportException;
import org.covidmmar.CovidException;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;

/**
 * Writes report.html of a run: curves, figures with their intervals, cases by error, configuration
 * and provenance, beside the experiment's earlier runs. Among a site's reports it is a page of the
 * run's figures with a copy of report.html.
 */
@Mojo(name = "report", defaultPhase = LifecyclePhase.VERIFY, threadSafe = true)
public final class ReportMojo extends AbstractCovidMojo implements MavenReport {
  private static final String PAGE = "covid-mmar";
  private static final String COPY = PAGE + "/report.html";

  /** Folder of the site. */
  @Parameter(defaultValue = "${project.reporting.outputDirectory}", readonly = true)
  private File reportOutputDirectory;

  /** Skips this goal. */
  @Parameter(property = "covid.skipReport", defaultValue = "false")
  private boolean skipReport;

  /**
   * Model to evaluate or export, in any of the forms of covid.pretrained, or run to package or
   * report; else the newest finished run's. A file, a folder, a run id or coordinates; no default.
   */
  @Parameter(property = "covid.model")
  private String model;

  /**
   * Name of the experiment in the run journal; the artifactId where none is given. A name; no
   * default.
   */
  @Parameter(property = "covid.mlflow.experiment")
  private String mlflowExperiment;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.MODEL, model);
    given.put(Setting.EXPERIMENT, mlflowExperiment);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.REPORT;
  }

  @Override
  boolean skipGoal() {
    return skipReport;
  }

  /** The run that the site shows; empty where there is none. */
  private Optional<RunFolder> run() {
    Path basedir = project.getBasedir().toPath().toAbsolutePath();
    String experiment = mlflowExperiment == null ? project.getArtifactId() : mlflowExperiment;
    Optional<Path> run =
        model == null
            ? RunJournal.newestFinished(basedir, experiment)
            : RunJournal.find(basedir, model);
    return run.map(RunFolder::new);
  }

  @Override
  public boolean canGenerateReport() {
    return !skipsAll() && !skipReport && run().isPresent();
  }

  @Override
  public void generate(Sink sink, Locale locale) throws MavenReportException {
    try {
      execute();
      RunFolder run = run().orElseThrow();
      Path copy = reportOutputDirectory.toPath().resolve(COPY);
      Files.createDirectories(copy.getParent());
      Files.copy(run.report(), copy, StandardCopyOption.REPLACE_EXISTING);
      RunPage.write(sink, run, COPY);
    } catch (MojoFailureException | CovidException e) {
      throw new MavenReportException(e.getMessage());
    } catch (IOException e) {
      throw new MavenReportException("the report cannot be copied to the site: " + e, e);
    }
  }

  // Its successor is no part of the interface that older site plugins know.
  @SuppressWarnings("deprecation")
  @Override
  public String getOutputName() {
    return PAGE;
  }

  @Override
  public String getCategoryName() {
    return CATEGORY_PROJECT_REPORTS;
  }

  @Override
  public String getName(Locale locale) {
    return RunPage.TITLE;
  }

  @Override
  public String getDescription(Locale locale) {
    return "The newest run's figures, and its report.";
  }

  @Override
  public void setReportOutputDirectory(File folder) {
    reportOutputDirectory = folder;
  }

  @Override
  public File getReportOutputDirectory() {
    return reportOutputDirectory;
  }

  @Override
  public boolean isExternalReport() {
    return false;
  }
}
