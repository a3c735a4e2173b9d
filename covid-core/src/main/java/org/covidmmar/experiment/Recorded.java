package org.covidmmar.experiment;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.tracking.RunFolder;
import org.covidmmar.tracking.RunJournal;

/**
 * A run that was, or as much of it as its provenance tells.
 *
 * @param run null where there is the provenance alone
 */
record Recorded(RunFolder run, Path file, Provenance provenance) {

  /** The run of covid.run, or the newest finished one. */
  static Recorded find(Request request) {
    String given = request.config().review().run();
    return given != null ? read(request, given) : newest(request, 1).get(0);
  }

  /** The two runs of covid.run, or the newest two that are finished, the older one first. */
  static List<Recorded> findTwo(Request request) {
    String given = request.config().review().run();
    if (given == null) {
      List<Recorded> newest = newest(request, 2);
      return List.of(newest.get(1), newest.get(0));
    }
    List<String> names = Arrays.stream(given.split(",")).map(String::strip).toList();
    if (names.size() != 2) {
      throw new CovidException(
          Setting.RUN.property(),
          "expected two runs, found \"" + given + "\"",
          "give two run ids or folders, separated by a comma");
    }
    return names.stream().map(name -> read(request, name)).toList();
  }

  private static List<Recorded> newest(Request request, int count) {
    String experiment = request.config().experiment();
    List<Path> finished = RunJournal.finished(request.basedir(), experiment);
    if (finished.size() < count) {
      throw new CovidException(
          Setting.RUN.property(),
          "expected "
              + (count == 1 ? "a finished run" : count + " finished runs")
              + " of \""
              + experiment
              + "\" in "
              + request.basedir().resolve(RunJournal.FOLDER)
              + ", found "
              + finished.size(),
          "run covid:train first, or name runs with " + Setting.RUN.property());
    }
    return finished.subList(0, count).stream().map(Recorded::ofRun).toList();
  }

  private static Recorded read(Request request, String given) {
    Path path =
        RunJournal.find(request.basedir(), given)
            .or(() -> path(request.basedir(), given))
            .filter(Files::exists)
            .orElseThrow(() -> none(given));
    if (Files.isDirectory(path)) {
      return ofRun(path);
    }
    // <run>/artifacts/provenance.json
    Path run = path.resolveSibling("..").normalize();
    boolean inRun = new RunFolder(run).provenance().equals(path);
    return inRun && Files.exists(run.resolve("meta.yaml"))
        ? ofRun(run)
        : new Recorded(null, path, Provenance.read(path));
  }

  private static Recorded ofRun(Path folder) {
    RunFolder run = new RunFolder(folder);
    run.meta();
    return new Recorded(run, run.provenance(), Provenance.read(run.provenance()));
  }

  private static Optional<Path> path(Path basedir, String given) {
    try {
      return Optional.of(basedir.resolve(given).normalize());
    } catch (InvalidPathException e) {
      FileNames.requireEncodable(Setting.RUN.property(), given);
      return Optional.empty();
    }
  }

  private static CovidException none(String given) {
    return new CovidException(
        Setting.RUN.property(),
        "expected the id of a run, its folder or its provenance.json, found \"" + given + "\"",
        "give one of the folder names under " + RunJournal.FOLDER + ", or a file that exists");
  }

  /** Enough of its name to tell it from others. */
  String name() {
    return run == null ? file.getFileName().toString() : run.meta().id();
  }

  /**
   * What it computed with. The threads and replicas that there were, where the configuration left
   * their number to the machine.
   */
  ExperimentConfig.Compute compute() {
    ExperimentConfig.Compute c = provenance.config().compute();
    return new ExperimentConfig.Compute(
        c.device(), provenance.hardware().threads(), c.isa(), provenance.replicaCount());
  }
}
