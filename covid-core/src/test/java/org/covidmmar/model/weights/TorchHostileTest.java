package org.covidmmar.model.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that no one should load, and such that are damaged: each is refused by what is wrong. */
class TorchHostileTest {
  private static final int DIRECTORY = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final byte[] FOUR = TorchBytes.floats(1, 2, 3, 4);

  @TempDir Path folder;

  private static TorchBytes pickle() {
    return new TorchBytes();
  }

  /** A state dict of one tensor w. */
  private static TorchBytes state(Consumer<TorchBytes> tensor) {
    TorchBytes bytes = pickle().op('}').text("w");
    tensor.accept(bytes);
    return bytes.op('s');
  }

  private static TorchBytes tensor(long count, long offset, long[] shape, long[] strides) {
    return state(p -> p.tensor("FloatStorage", "0", count, offset, shape, strides));
  }

  private static long[] of(long... numbers) {
    return numbers;
  }

  private static TorchBytes repeated(int operation, int times) {
    byte[] many = new byte[times];
    Arrays.fill(many, (byte) operation);
    return pickle().bytes(many);
  }

  private static TorchBytes calls(String module, String name) {
    return pickle().global(module, name).op('(').text("touch pwned").op('t', 'R');
  }

  static Stream<Arguments> pickles() {
    return Stream.of(
        arguments(calls("posix", "system"), "asks for posix.system, which would run code"),
        arguments(calls("builtins", "eval"), "asks for builtins.eval, which would run code"),
        arguments(calls("torch.hub", "load"), "asks for torch.hub.load, which would run code"),
        arguments(state(p -> p.global("os", "system")), "asks for os.system"),
        arguments(calls("torch", "Float\u202eStorage\u0007"), "asks for torch.Float?Storage?,"),
        arguments(calls("a".repeat(1000), "b"), "a...,"),
        arguments(pickle().op('(').text("ls").op('i').text("x"), "operation 0x69"),
        arguments(pickle().op('(').op('o'), "operation 0x6f"),
        arguments(pickle().op('}', ')', 0x81), "operation 0x81"),
        arguments(pickle().op(0x82, 1), "operation 0x82"),
        arguments(pickle().op('P').text("x"), "operation 0x50"),
        arguments(new TorchBytes().op(0x80, 5), "protocol 5"),
        arguments(pickle().text("f").op('(', 't', 'R'), "another value than the Known it needs"),
        arguments(pickle().global("collections", "OrderedDict").op('N', 'R'), "another value than"),
        arguments(pickle().global("torch", "FloatStorage").op(')', 'R'), "calls torch.Float"),
        arguments(pickle().op('t'), "takes more than it has"),
        arguments(pickle().op('R'), "takes more than it has"),
        arguments(pickle().op('}', '(', 's'), "takes more than it has"),
        arguments(pickle().op('}', '(', 'N', 'u'), "sets an item of what is no dict"),
        arguments(pickle().op('}', 'N', 'a'), "appends to what is no list"),
        arguments(pickle().op(']', '}', 'b'), "sets attributes of what is no dict"),
        arguments(pickle().op('h', 7), "recalls what it has not kept"),
        arguments(pickle().op('X', 255, 255, 255, 255), "ends early"),
        arguments(pickle().op('X', 255, 255, 255, 127), "ends early"),
        arguments(pickle().op(0x8a, 200), "ends early"),
        arguments(pickle().op('c', 'o', 's'), "ends early"),
        arguments(pickle().op('}', '}', 'N', 's'), "a key that is neither text nor number"),
        arguments(
            pickle().op('}', '(').text("k").op('N').text("k").op('N', 'u'), "has the key k twice"),
        arguments(repeated(')', 600_000), "more than 500000 steps"),
        arguments(repeated('(', 600_000), "more than 500000 steps"),
        arguments(repeated('(', 1 << 24), "at most 16777216"),
        arguments(repeated(']', 200_000).bytes(filled('a', 199_999)), "found a list"),
        arguments(pickle().op('}', 'q', 0).text("model").op('h', 0, 's'), "found dicts in dicts"),
        arguments(pickle().op('N'), "found a value"),
        arguments(pickle().op('}'), "found an empty dict"),
        arguments(pickle().op('}').text("epoch").number(1).op('s'), "found the keys epoch"),
        arguments(
            pickle().op('}', '(').text("net").op('}').text("network").op('}', 'u'),
            "found one under each of net, network"),
        arguments(
            state(p -> p.tensor("FloatStorage", "0", 4)).text("epoch").number(1).op('s'),
            "epoch is none"),
        arguments(state(p -> p.tensor("FloatStorage", "1", 4)), "no entry data/1"),
        arguments(state(p -> p.tensor("FloatStorage", "../0", 4)), "no entry data/../0"),
        arguments(state(p -> p.tensor("FloatStorage", "0", 5)), "5 of F32, but entry"),
        arguments(state(p -> p.tensor("DoubleStorage", "0", 4)), "4 of F64, but entry"),
        arguments(tensor(1L << 60, 0, of(4), of(1)), "has 16 bytes"),
        arguments(tensor(-4, 0, of(4), of(1)), "other than a storage"),
        arguments(tensor(4, -1, of(4), of(1)), "impossible shape"),
        arguments(tensor(4, 0, of(-4), of(1)), "impossible shape"),
        arguments(tensor(4, 0, of(4), of(-1)), "impossible shape"),
        arguments(tensor(4, 0, of(2, 2), of(1)), "impossible shape"),
        arguments(tensor(4, 0, of(1L << 62, 4), of(1, 1)), "impossible shape"),
        arguments(tensor(4, 0, of(3, 3), of(1L << 62, 1L << 62)), "impossible shape"),
        arguments(tensor(4, Long.MAX_VALUE, of(1), of(1)), "impossible shape"),
        arguments(tensor(4, 1, of(4), of(1)), "does not fit its storage of 4 values"),
        arguments(tensor(4, 0, of(2, 2), of(3, 1)), "does not fit its storage"),
        arguments(tensor(4, 0, of(1_000_000_000), of(0)), "does not fit its storage"),
        arguments(state(p -> p.tensor("FloatStorage", "0", new long[17])), "of 17 axes"),
        arguments(
            state(
                p ->
                    p.global("torch._utils", "_rebuild_tensor_v2")
                        .op('(', 'N', 'N', 'N', 'N', 't', 'R')),
            "in another way than torch.save"));
  }

  private static byte[] filled(int operation, int times) {
    byte[] many = new byte[times];
    Arrays.fill(many, (byte) operation);
    return many;
  }

  @ParameterizedTest
  @MethodSource("pickles")
  void picklesAreRefusedByWhatIsWrong(TorchBytes pickle, String problem) throws IOException {
    assertRefused(pickle.file(Map.of("0", FOUR)), problem);
  }

  @Test
  void valuesTooFarApartAreNotRead() throws IOException {
    byte[] many = new byte[4 * 1000];
    assertRefused(
        tensor(1000, 0, of(2), of(900)).file(Map.of("0", many)), "too far apart in a storage");
    Path file = write(tensor(1000, 999, of(1), of(1L << 62)).file(Map.of("0", many)));
    try (TensorFile opened = TensorFile.open(file)) {
      assertArrayEquals(new float[1], opened.floats("w"));
    }
  }

  private static byte[] whole() {
    return tensor(4, 0, of(4), of(1)).file(Map.of("0", FOUR));
  }

  private static Map<String, byte[]> entries() {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("archive/data.pkl", tensor(4, 0, of(4), of(1)).pickle());
    entries.put("archive/data/0", FOUR);
    return entries;
  }

  private static byte[] with(String name, String content) {
    Map<String, byte[]> entries = entries();
    entries.put(name, content.getBytes(StandardCharsets.UTF_8));
    return TorchBytes.zip(entries);
  }

  private static byte[] deflated() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(new byte[1 << 20]);
    }
    return out.toByteArray();
  }

  /** The file with a number of its directory's nth entry, or of its end, another one. */
  private static byte[] patched(int signature, int nth, int offset, int bytes, long value) {
    byte[] file = whole();
    ByteBuffer buffer = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int at = -1;
    for (int n = 0; n <= nth; n++) {
      at++;
      while (buffer.getInt(at) != signature) {
        at++;
      }
    }
    if (bytes == 2) {
      buffer.putShort(at + offset, (short) value);
    } else {
      buffer.putInt(at + offset, (int) value);
    }
    return file;
  }

  /** Both entries have the same name. */
  private static byte[] twice() {
    Map<String, byte[]> entries = entries();
    entries.put("archive/data/1", FOUR);
    String file = new String(TorchBytes.zip(entries), StandardCharsets.ISO_8859_1);
    return file.replace("archive/data/1", "archive/data/0").getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Behind the directory a wider one's end and where it is said to be. */
  private static byte[] zip64(long count, long size, long shift, long locator) {
    byte[] file = whole();
    int end = file.length - 22;
    ByteBuffer old = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    long position = old.getInt(end + 16);
    byte[] longer = new byte[file.length + 76];
    ByteBuffer bytes = ByteBuffer.wrap(longer).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(file, 0, end);
    bytes.putInt(0x06064b50).putLong(44).putInt(0).putInt(0).putInt(0);
    bytes.putLong(count).putLong(count).putLong(size < 0 ? end - position : size);
    bytes.putLong(position + shift);
    bytes.putInt(0x07064b50).putInt(0).putLong(end + locator).putInt(1);
    bytes.put(file, end, 22);
    return longer;
  }

  static Stream<Arguments> zips() throws IOException {
    byte[] whole = whole();
    byte[] damaged = whole.clone();
    damaged[new String(whole, StandardCharsets.ISO_8859_1).indexOf("torch._utils")]++;
    return Stream.of(
        arguments(with("archive/../../evil", ""), "\"archive/../../evil\" is no path inside"),
        arguments(with("/archive/x", ""), "\"/archive/x\" is no path inside"),
        arguments(with("archive\\x", ""), "is no path inside"),
        arguments(with("archive/a\u202ex", ""), "\"archive/a?x\" is no path inside"),
        arguments(with("other/data.pkl", ""), "a zip with 2 data.pkl"),
        arguments(TorchBytes.zip(Map.of("a/b/data.pkl", FOUR)), "a zip with 0 data.pkl"),
        arguments(with("archive/code/net.py", "import os"), "carries code: archive/code/net.py"),
        arguments(with("archive/constants.pkl", ""), "carries code: archive/constants.pkl"),
        arguments(with("archive/byteorder", "middle"), "byte order is \"middle\""),
        arguments(with("archive/byteorder", "little".repeat(1000)), "6000 bytes, at most"),
        arguments(twice(), "entry archive/data/0 is there twice"),
        arguments(deflated(), "entry archive/data.pkl is compressed"),
        arguments(patched(DIRECTORY, 1, 8, 2, 1), "entry archive/data/0 is encrypted"),
        arguments(patched(DIRECTORY, 1, 24, 4, 1 << 30), "is compressed"),
        arguments(patched(DIRECTORY, 1, 28, 2, 0xffff), "directory is damaged"),
        arguments(patched(DIRECTORY, 1, 42, 4, 0), "is not where the directory says"),
        arguments(patched(DIRECTORY, 1, 42, 4, 1 << 30), "lie outside the file"),
        arguments(patched(DIRECTORY, 1, 42, 4, -1), "zip64 fields are damaged"),
        arguments(patched(DIRECTORY, 1, 0, 4, 0), "directory is damaged"),
        arguments(patched(END, 0, 10, 2, 60_000), "parts in other files"),
        arguments(patched(END, 0, 12, 4, -2), "in 4294967294 bytes does not fit"),
        arguments(patched(END, 0, 16, 4, 0), "does not fit a file of"),
        arguments(patched(END, 0, 20, 2, 9), "or a comment"),
        arguments(zip64(3, -1, 0, 0), "contradict each other"),
        arguments(zip64(2, 1L << 60, 0, 0), "contradict each other"),
        arguments(zip64(2, -1, 1, 0), "contradict each other"),
        arguments(zip64(2, -1, 0, 1), "is not where it says"),
        arguments(zip64(2, -1, 0, Long.MIN_VALUE), "is not where it says"),
        arguments(Arrays.copyOf(whole, whole.length - 1), "it was cut off"),
        arguments(Arrays.copyOf(whole, whole.length + 1), "it was cut off"),
        arguments(Arrays.copyOf(whole, 8), "it was cut off"),
        arguments(damaged, "archive/data.pkl does not have its checksum"));
  }

  @ParameterizedTest
  @MethodSource("zips")
  void zipsAreRefusedByWhatIsWrong(byte[] file, String problem) throws IOException {
    assertRefused(file, problem);
  }

  @Test
  void aZip64ThatDoesNotContradictItselfIsRead() throws IOException {
    try (TensorFile file = TensorFile.open(write(zip64(2, -1, 0, 0)))) {
      assertArrayEquals(new float[] {1, 2, 3, 4}, file.floats("w"));
    }
  }

  /** As many entries as one likes, all of the same bytes: a small file that would take long. */
  @Test
  void entriesThatOverlapAreRefused() throws IOException {
    Map<String, byte[]> entries = entries();
    for (int n = 1; n < 10; n++) {
      entries.put("archive/data/" + n, new byte[n == 9 ? 5000 : 0]);
    }
    byte[] file = TorchBytes.zip(entries);
    ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    int entry = 0;
    for (int at = 0; at < file.length - 46; at++) {
      if (bytes.getInt(at) == DIRECTORY && entry++ > 1 && entry <= 10) {
        bytes.putInt(at + 20, 4000).putInt(at + 24, 4000);
      }
    }
    assertRefused(file, "they overlap");
  }

  @Test
  void damagedValuesAreNoticed() throws IOException {
    byte[] content = whole();
    content[new String(content, StandardCharsets.ISO_8859_1).indexOf("archive/data/0") + 14 + 3]++;
    try (TensorFile opened = TensorFile.open(write(content))) {
      for (int time = 0; time < 2; time++) {
        CovidException e = assertThrows(CovidException.class, () -> opened.floats("w"));
        assertTrue(e.problem().contains("data/0 does not have its checksum"), e.getMessage());
      }
    }
  }

  private Path write(byte[] content) throws IOException {
    return Files.write(folder.resolve("hostile.pt"), content);
  }

  private void assertRefused(byte[] content, String problem) throws IOException {
    Path file = write(content);
    CovidException e = assertThrows(CovidException.class, () -> TensorFile.open(file));
    assertEquals(file.toString(), e.subject());
    assertTrue(e.problem().contains(problem), e.getMessage());
    assertTrue(!e.remedy().isBlank());
  }
}
