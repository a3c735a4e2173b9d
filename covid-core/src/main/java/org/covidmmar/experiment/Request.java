package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.Map;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.tracking.MlflowAccess;

/**
 * What a goal is asked to do.
 *
 * @param config the experiment's configuration
 * @param basedir the experiment's folder, absolute; relative paths of the configuration start there
 * @param models the files behind Maven coordinates in the configuration, by the coordinates as they
 *     are written there; empty where it names none
 * @param publication what the goal package makes; null for the other goals
 * @param project the Maven project that asks, for the record; null outside Maven
 * @param tracking the MLflow server that runs are sent to; null where there is none
 */
public record Request(
    ExperimentConfig config,
    Path basedir,
    Map<String, Path> models,
    Publication publication,
    Provenance.Project project,
    MlflowAccess tracking) {

  /**
   * A model as it is published.
   *
   * @param archive the file
   * @param coordinates null where there are none
   */
  public record Publication(Path archive, String coordinates) {}

  public Request {
    models = Map.copyOf(models);
  }

  /** A request outside Maven: an archive is named after the experiment and has no coordinates. */
  public Request(ExperimentConfig config, Path basedir, Map<String, Path> models) {
    this(
        config,
        basedir,
        models,
        new Publication(basedir.resolve("target").resolve(fileName(config.experiment())), null),
        null,
        null);
  }

  /** This request, of a Maven project. */
  Request with(Provenance.Project other) {
    return new Request(config, basedir, models, publication, other, tracking);
  }

  /** This request, for another configuration. */
  Request with(ExperimentConfig other) {
    return new Request(other, basedir, models, publication, project, tracking);
  }

  /** This request, with runs sent to a server. */
  public Request sendingTo(MlflowAccess server) {
    return new Request(config, basedir, models, publication, project, server);
  }

  private static String fileName(String experiment) {
    return experiment.replaceAll("[^A-Za-z0-9._-]", "_") + ".mmar";
  }
}
