package org.covidmmar.maven;

import java.nio.file.Path;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.apache.maven.project.MavenProjectHelper;
import org.covidmmar.config.Setting;
import org.covidmmar.experiment.Main;
import org.covidmmar.experiment.Request;
import org.covidmmar.mmar.Coordinates;
import org.covidmmar.mmar.MmarArchive;

/**
 * Packages the model of a run, with its card, evaluation and provenance, as an archive that install
 * and deploy publish: the project's artifact in packaging covid-experiment, else attached to it
 * with type mmar.
 */
@Mojo(name = "package", defaultPhase = LifecyclePhase.PACKAGE, threadSafe = true)
public final class PackageMojo extends AbstractDatasetMojo {
  private static final String PACKAGING = "covid-experiment";

  /** Skips this goal. */
  @Parameter(property = "covid.skipPackage", defaultValue = "false")
  private boolean skipPackage;

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

  @Inject private MavenProjectHelper helper;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.MODEL, model);
    given.put(Setting.EXPERIMENT, mlflowExperiment);
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.PACKAGE;
  }

  @Override
  boolean skipGoal() {
    return skipPackage;
  }

  /** The archive of a project. */
  static Path archive(MavenProject project) {
    return Path.of(project.getBuild().getDirectory())
        .resolve(project.getBuild().getFinalName() + "." + MmarArchive.EXTENSION);
  }

  @Override
  Request.Publication publication() {
    Coordinates coordinates =
        new Coordinates(project.getGroupId(), project.getArtifactId(), "", project.getVersion());
    return new Request.Publication(archive(project), coordinates.toString());
  }

  @Override
  void done() {
    if (project.getPackaging().equals(PACKAGING)) {
      project.getArtifact().setFile(archive(project).toFile());
    } else {
      helper.attachArtifact(project, MmarArchive.EXTENSION, archive(project).toFile());
    }
  }
}
