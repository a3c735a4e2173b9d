package org.covidmmar.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Recipes;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.Sample;

/**
 * Times the preprocessing of one CT: {@code IMAGE MASK X,Y,Z WARMUP REPEATS THREADS [OUTPUT]}.
 * Prints the seconds of every timed repetition as JSON. With OUTPUT the result is written there as
 * little-endian float32, first axis fastest, to be compared with.
 */
public final class PreprocessingTiming {
  private PreprocessingTiming() {}

  public static void main(String[] args) throws IOException {
    Path image = Path.of(args[0]);
    Path mask = Path.of(args[1]);
    Pipeline pipeline =
        Recipes.mmar(Timing.shape(args[2]), ResizeMode.AREA, -1000, 500, Augmentation.NONE);
    String seconds =
        Timing.seconds(
            Integer.parseInt(args[3]),
            Integer.parseInt(args[4]),
            () -> preprocessed(pipeline, image, mask));
    if (args.length > 6) {
      write(preprocessed(pipeline, image, mask), Path.of(args[6]));
    }
    System.out.println("{\"seconds\": " + seconds + "}");
  }

  private static Sample preprocessed(Pipeline pipeline, Path image, Path mask) {
    return pipeline.fixed(
        new Sample(image.toString(), NiftiReader.read(image), NiftiReader.read(mask)));
  }

  private static void write(Sample sample, Path file) throws IOException {
    float[] voxels = sample.image().floats();
    ByteBuffer bytes =
        ByteBuffer.allocate(voxels.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(voxels);
    Files.write(file, bytes.array());
  }
}
