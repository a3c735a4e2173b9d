package org.covidmmar.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.covidmmar.FileTree;
import org.covidmmar.io.dicom.Conversion;
import org.covidmmar.io.dicom.DicomToNifti;

/**
 * Times the conversion of a DICOM folder in this JVM beside dcm2niix's, in pairs that take turns in
 * which comes first: {@code DCM2NIIX FOLDER PAIRS}. Prints a row a format; ends with 1 where a
 * median ratio is above its target.
 */
public final class ConvertTiming {
  private static final int WARM_UP = 5;

  private final String tool;
  private final Path folder;
  private final Path work;

  private ConvertTiming(String tool, Path folder, Path work) {
    this.tool = tool;
    this.folder = folder;
    this.work = work;
  }

  /** A format, with what dcm2niix is told, and the most that may be of its time. */
  private record Format(String extension, List<String> arguments, double target) {}

  public static void main(String[] args) throws Exception {
    Path work = Files.createTempDirectory("convert-time");
    try {
      ConvertTiming timing = new ConvertTiming(args[0], Path.of(args[1]), work);
      boolean met = true;
      System.out.println("| output | ours | dcm2niix | ours / dcm2niix | target |");
      System.out.println("|---|---|---|---|---|");
      for (Format format :
          List.of(
              new Format(".nii.gz", List.of("-z", "y"), 0.7),
              new Format(".nii.gz", List.of("-z", "y", "-1"), Double.POSITIVE_INFINITY),
              new Format(".nii", List.of("-z", "n"), 1.0))) {
        met &= timing.row(format, Integer.parseInt(args[2]));
      }
      System.exit(met ? 0 : 1);
    } finally {
      FileTree.delete(work);
    }
  }

  private boolean row(Format format, int pairs) throws Exception {
    for (int i = 0; i < WARM_UP; i++) {
      ours(format);
    }
    theirs(format);
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    List<Double> ratios = new ArrayList<>();
    for (int pair = 0; pair < pairs; pair++) {
      double first = pair % 2 == 0 ? ours(format) : theirs(format);
      double second = pair % 2 == 0 ? theirs(format) : ours(format);
      ours.add(pair % 2 == 0 ? first : second);
      theirs.add(pair % 2 == 0 ? second : first);
      ratios.add(ours.get(pair) / theirs.get(pair));
    }
    double ratio = median(ratios);
    System.out.printf(
        Locale.ROOT,
        "| %s, dcm2niix %s | %.2f s | %.2f s | **%.2f** (%.2f–%.2f) | %s |%n",
        format.extension(),
        String.join(" ", format.arguments()),
        median(ours),
        median(theirs),
        ratio,
        ratios.stream().min(Double::compare).orElseThrow(),
        ratios.stream().max(Double::compare).orElseThrow(),
        Double.isInfinite(format.target()) ? "–" : Double.toString(format.target()));
    return ratio <= format.target();
  }

  private double ours(Format format) throws IOException {
    Path out = Files.createTempDirectory(work, "ours");
    DicomToNifti.Options options =
        new DicomToNifti.Options(
            "",
            DicomToNifti.Options.DEFAULT_NAME,
            format.extension(),
            null,
            false,
            null,
            Runtime.getRuntime().availableProcessors());
    long start = System.nanoTime();
    Conversion done = DicomToNifti.convert(folder, out, options, (stage, n, total) -> {});
    double seconds = (System.nanoTime() - start) / 1e9;
    if (done.series().isEmpty() || !done.problems().isEmpty()) {
      throw new IllegalStateException(done.toString());
    }
    FileTree.delete(out);
    return seconds;
  }

  private double theirs(Format format) throws IOException, InterruptedException {
    Path out = Files.createTempDirectory(work, "theirs");
    List<String> command = new ArrayList<>(List.of(tool, "-b", "n", "-f", "%s"));
    command.addAll(format.arguments());
    command.addAll(List.of("-o", out.toString(), folder.toString()));
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(work.resolve("dcm2niix.log").toFile())
            .start();
    int exit = process.waitFor();
    double seconds = (System.nanoTime() - start) / 1e9;
    try (Stream<Path> files = Files.list(out)) {
      if (exit != 0 || files.noneMatch(f -> f.toString().endsWith(format.extension()))) {
        throw new IllegalStateException(Files.readString(work.resolve("dcm2niix.log")));
      }
    }
    FileTree.delete(out);
    return seconds;
  }

  private static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int n = sorted.size();
    return (sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2;
  }
}
