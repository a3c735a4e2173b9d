package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.Map;
import org.covidmmar.config.ExperimentConfig;

/**
 * What a goal is asked to do.
 *
 * @param config the experiment's configuration
 * @param basedir the experiment's folder, absolute; relative paths of the configuration start there
 * @param models the files behind Maven coordinates in the configuration, by the coordinates as they
 *     are written there; empty where it names none
 */
public record Request(ExperimentConfig config, Path basedir, Map<String, Path> models) {
  public Request {
    models = Map.copyOf(models);
  }
}
