package org.covidmmar.benchmarks;

import java.io.File;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Settings;
import org.covidmmar.experiment.ComputingJvm;
import org.covidmmar.experiment.Main;
import org.covidmmar.experiment.Request;
import org.covidmmar.tracking.MlflowAccess;

/**
 * What an MLflow server that takes connections and never answers costs a training: seconds with it
 * over seconds without, in pairs that take turns in which comes first. Arguments: a folder to work
 * in, the number of pairs, epochs of a training. Ends with 1 where the median is above 1.03.
 */
public final class TrackingOverhead {
  private static final double MOST = 1.03;
  private static final int BACKLOG = 1000;

  private TrackingOverhead() {}

  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]).toAbsolutePath();
    int pairs = Integer.parseInt(args[1]);
    String epochs = args[2];
    run(Main.Goal.PHANTOM, request(folder, epochs));
    Request without = request(folder, epochs);
    run(Main.Goal.TRAIN, without);
    List<Double> ratios = new ArrayList<>();
    try (ServerSocket silent = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress())) {
      String uri = "http://127.0.0.1:" + silent.getLocalPort();
      Request with =
          without.sendingTo(MlflowAccess.of(Map.of(MlflowAccess.URI_VARIABLE, uri)).orElseThrow());
      for (int pair = 0; pair < pairs; pair++) {
        boolean withFirst = pair % 2 == 0;
        double first = run(Main.Goal.TRAIN, withFirst ? with : without);
        double second = run(Main.Goal.TRAIN, withFirst ? without : with);
        double ratio = withFirst ? first / second : second / first;
        ratios.add(ratio);
        System.err.printf(
            Locale.ROOT, "pair %d: %.2f s, %.2f s, ratio %.4f%n", pair + 1, first, second, ratio);
      }
    }
    ratios.sort(null);
    double median = (ratios.get((pairs - 1) / 2) + ratios.get(pairs / 2)) / 2;
    System.out.printf(
        Locale.ROOT, "{\"ratio\": %.4f, \"pairs\": %d, \"epochs\": %s}%n", median, pairs, epochs);
    System.exit(median > MOST ? 1 : 0);
  }

  private static Request request(Path folder, String epochs) {
    Map<String, String> properties = new HashMap<>();
    properties.put("covid.phantom.cases", "16,8,2");
    properties.put("covid.phantom.shape", "64,64,32");
    properties.put("covid.inputShape", "64,64,32");
    properties.put("covid.epochs", epochs);
    properties.put("covid.batchSize", "4");
    properties.put("covid.resume", "never");
    ExperimentConfig config = ExperimentConfig.of(Settings.of(properties), "overhead", null);
    return new Request(config, folder, Map.of());
  }

  /** Seconds that a goal takes in a JVM of its own. */
  static double run(Main.Goal goal, Request request) {
    List<Path> classPath =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator, -1))
            .map(Path::of)
            .toList();
    long start = System.nanoTime();
    new ComputingJvm(ComputingJvm.thisJava(), classPath, "")
        .run(goal, request, message -> {}, System.err::println);
    return (System.nanoTime() - start) / 1e9;
  }
}
