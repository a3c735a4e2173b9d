package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.covidmmar.model.Architecture;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.Formula;
import org.covidmmar.model.MemoryFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the file holds; that PyTorch reads it is a test of the exported bundle. */
class StateDictTest {
  @TempDir Path folder;

  @Test
  void aZipOfTensorsAndOfAPickleThatNamesTheirMakersAlone() throws IOException {
    Path weights = folder.resolve("weights.safetensors");
    Path first = folder.resolve("a.pt");
    Path second = folder.resolve("b.pt");
    Architecture architecture = Architecture.DENSENET121;
    try (DenseNet3d network = Formula.network(architecture, MemoryFormat.CHANNELS_LAST)) {
      Weights.save(weights, network, Map.of());
      try (SafeTensors opened = SafeTensors.open(weights)) {
        StateDict.write(first, opened, architecture);
        StateDict.write(second, opened, architecture);
      }
      assertEquals(-1, Files.mismatch(first, second));
      try (ZipFile zip = new ZipFile(first.toFile())) {
        // A pickle, a version, a byte order, 727 tensors.
        assertEquals(730, zip.size());
        assertEquals(
            Set.of(ZipEntry.STORED), Set.copyOf(zip.stream().map(ZipEntry::getMethod).toList()));
        assertArrayEquals(network.get("features.conv0.weight"), floats(zip, "model/data/0"));
        // After conv0, the first norm's weight, bias and mean; its count follows.
        assertArrayEquals(network.get("features.norm0.running_var"), floats(zip, "model/data/4"));
        assertEquals(Long.BYTES, zip.getEntry("model/data/5").getSize());
        assertEquals(
            Set.of(
                "collections.OrderedDict",
                "torch._utils._rebuild_tensor_v2",
                "torch.FloatStorage",
                "torch.LongStorage"),
            globals(zip));
      }
    }
  }

  private static byte[] bytes(ZipFile zip, String name) throws IOException {
    try (InputStream in = zip.getInputStream(zip.getEntry(name))) {
      return in.readAllBytes();
    }
  }

  private static float[] floats(ZipFile zip, String name) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(bytes(zip, name)).order(ByteOrder.LITTLE_ENDIAN);
    float[] floats = new float[bytes.remaining() / Float.BYTES];
    bytes.asFloatBuffer().get(floats);
    return floats;
  }

  private static Set<String> globals(ZipFile zip) throws IOException {
    String pickle = new String(bytes(zip, "model/data.pkl"), StandardCharsets.ISO_8859_1);
    Matcher matcher =
        Pattern.compile("c(collections|torch|torch\\._utils)\n(\\w+)\n").matcher(pickle);
    Set<String> globals = new TreeSet<>();
    while (matcher.find()) {
      globals.add(matcher.group(1) + "." + matcher.group(2));
    }
    return globals;
  }
}
