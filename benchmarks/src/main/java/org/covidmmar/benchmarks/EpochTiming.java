package org.covidmmar.benchmarks;

import java.io.File;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.experiment.ComputingJvm;
import org.covidmmar.experiment.Main;
import org.covidmmar.experiment.Request;

/**
 * Times the JVM that {@code covid:train} starts, from its start to its end, for one epoch: {@code
 * DATASET X,Y,Z BATCH THREADS FOLDER}, where FOLDER is empty and takes what the run leaves. Prints
 * the seconds as JSON.
 */
public final class EpochTiming {
  private EpochTiming() {}

  public static void main(String[] args) {
    Path dataset = Path.of(args[0]);
    Settings settings =
        Settings.of(
            Map.of(
                "covid.dataRoot",
                dataset.getParent().toString(),
                "covid.dataset",
                dataset.getFileName().toString(),
                "covid.inputShape",
                args[1],
                "covid.intensityRange",
                "0,255",
                "covid.augmentation",
                "flip",
                "covid.epochs",
                "1",
                "covid.batchSize",
                args[2],
                "covid.learningRate",
                "1e-4",
                "covid.threads",
                args[3]));
    ExperimentConfig config = ExperimentConfig.of(settings, "epoch", null);
    List<Path> classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .map(Path::of)
            .toList();
    ComputingJvm jvm = new ComputingJvm(ComputingJvm.thisJava(), classPath, "");
    String seconds =
        Timing.seconds(
            0,
            1,
            () ->
                jvm.run(
                    Main.Goal.TRAIN,
                    new Request(config, Path.of(args[4]), Map.of()),
                    message -> System.err.println(message),
                    System.err::println));
    System.out.println("{\"seconds\": " + seconds + "}");
  }
}
