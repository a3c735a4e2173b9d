package org.covidmmar.benchmarks;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.experiment.ComputingJvm;
import org.covidmmar.experiment.Main;
import org.covidmmar.experiment.Request;

/**
 * Seconds of a training alone, and beside a process that keeps every core busy, in the environment
 * that it is given. Arguments: a folder to work in, epochs of a training.
 */
public final class SharedMachine {
  private SharedMachine() {}

  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      spin();
      return;
    }
    Request request = request(Path.of(args[0]).toAbsolutePath(), args[1]);
    TrackingOverhead.run(Main.Goal.PHANTOM, request);
    TrackingOverhead.run(Main.Goal.TRAIN, request);
    double alone = TrackingOverhead.run(Main.Goal.TRAIN, request);
    Process busy =
        new ProcessBuilder(
                ComputingJvm.thisJava().toString(),
                "-cp",
                System.getProperty("java.class.path"),
                SharedMachine.class.getName())
            .start();
    try {
      double beside = TrackingOverhead.run(Main.Goal.TRAIN, request);
      System.out.printf(
          Locale.ROOT,
          "{\"spins\": \"%s\", \"alone\": %.2f, \"beside\": %.2f, \"ratio\": %.2f}%n",
          System.getenv("GOMP_SPINCOUNT"),
          alone,
          beside,
          beside / alone);
    } finally {
      busy.destroyForcibly();
    }
  }

  /** Keeps every core busy until the process that started this one ends it, or is gone. */
  private static void spin() throws Exception {
    for (int core = 0; core < Runtime.getRuntime().availableProcessors(); core++) {
      Thread thread =
          new Thread(
              () -> {
                while (true) {
                  Thread.onSpinWait();
                }
              });
      thread.setDaemon(true);
      thread.start();
    }
    System.in.read();
  }

  private static Request request(Path folder, String epochs) {
    Map<String, String> properties = new HashMap<>();
    properties.put("covid.phantom.cases", "24,8,2");
    properties.put("covid.phantom.shape", "64,64,32");
    properties.put("covid.inputShape", "64,64,32");
    properties.put("covid.epochs", epochs);
    properties.put("covid.batchSize", "4");
    properties.put("covid.resume", "never");
    ExperimentConfig config = ExperimentConfig.of(Settings.of(properties), "shared", null);
    return new Request(config, folder, Map.of());
  }
}
