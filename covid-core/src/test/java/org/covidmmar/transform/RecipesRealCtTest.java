package org.covidmmar.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.covidmmar.Peers;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real CT, from the file to the network's input, beside MONAI. */
@Tag("peers")
class RecipesRealCtTest {
  private static final Shape INPUT = new Shape(192, 192, 64);
  private static final double TOLERANCE = 1e-4;

  @Test
  void realCtBecomesWhatMonaiMakesOfIt(@TempDir Path folder) throws IOException {
    String data = System.getenv("COVID_REAL_DATA");
    assumeTrue(data != null, "COVID_REAL_DATA is not set: no real CT to compare on");
    JsonNode answers =
        new ObjectMapper()
            .readTree(Peers.run("recipe_peer.py", data, folder.toString(), INPUT.toString()));
    assertEquals(5, answers.size());
    for (JsonNode answer : answers) {
      compare(
          folder,
          answer,
          "mmar",
          Recipes.mmar(INPUT, ResizeMode.AREA, -1000, 500, Augmentation.NONE));
      compare(
          folder,
          answer,
          "naturecomm",
          Recipes.naturecomm(INPUT, ResizeMode.AREA, -1000, 500, Augmentation.NONE));
    }
  }

  private static void compare(Path folder, JsonNode answer, String recipe, Pipeline pipeline)
      throws IOException {
    String name = answer.get("case").textValue();
    Path of = folder.resolve(name);
    long start = System.nanoTime();
    Sample loaded =
        new Sample(
            name,
            NiftiReader.read(of.resolve("image.nii.gz")),
            NiftiReader.read(of.resolve("mask.nii.gz")));
    long read = System.nanoTime();
    Sample made = pipeline.fixed(loaded);
    long end = System.nanoTime();
    assertEquals(INPUT, made.image().shape());
    float[] expected = raw(of.resolve(recipe + ".raw"));
    float[] found = made.image().floats();
    assertEquals(expected.length, found.length);
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      double difference = Math.abs(expected[i] - found[i]);
      worst = difference > worst || Double.isNaN(difference) ? difference : worst;
    }
    System.out.printf(
        "%s %s, %s: differs by %.1e at most; %.2f s (read %.2f s), MONAI %.2f s%n",
        name,
        loaded.image().shape(),
        recipe,
        worst,
        (end - start) * 1e-9,
        (read - start) * 1e-9,
        answer.get(recipe).doubleValue());
    assertTrue(worst <= TOLERANCE, name + " by " + recipe + " differs by " + worst);
  }

  private static float[] raw(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(values);
    return values;
  }
}
