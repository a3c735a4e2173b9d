package org.covidmmar.mmar;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.apache.commons.compress.archivers.zip.ZipMethod;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives as they must not be: each refused by the name of its entry, and nothing left behind. */
class ArchiveReaderTest {
  private static final int LINK = 0120777;
  private static final ArchiveReader.Limits LIMITS = new ArchiveReader.Limits(20, 5_000, 8_000);

  @TempDir Path folder;
  private final Map<String, byte[]> entries = new LinkedHashMap<>();
  private Path archive;
  private Path models;

  @BeforeEach
  void fill() {
    archive = folder.resolve("a.mmar");
    models = folder.resolve("models");
    put("models/model.safetensors", "weights");
    put("models/config.json", "{}");
  }

  private void put(String name, String content) {
    entries.put(name, content.getBytes(UTF_8));
  }

  private byte[] checksums() {
    StringBuilder sums = new StringBuilder();
    entries.forEach(
        (name, bytes) -> sums.append(Fingerprint.of(bytes)).append("  ").append(name).append('\n'));
    return sums.toString().getBytes(UTF_8);
  }

  /** Writes the entries with their checksums, then those further ones as they are. */
  private void write(ZipArchiveEntry... further) throws IOException {
    entries.putIfAbsent("SHA256SUMS", checksums());
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
      for (var entry : entries.entrySet()) {
        add(zip, new ZipArchiveEntry(entry.getKey()), entry.getValue());
      }
      for (ZipArchiveEntry entry : further) {
        add(zip, entry, "/etc/passwd".getBytes(UTF_8));
      }
    }
  }

  private static void add(ZipArchiveOutputStream zip, ZipArchiveEntry entry, byte[] content)
      throws IOException {
    zip.putArchiveEntry(entry);
    zip.write(content);
    zip.closeArchiveEntry();
  }

  private Path extract() {
    return MmarArchive.extractModel(archive, models, LIMITS);
  }

  private void assertRefused(String... parts) throws IOException {
    CovidException e = assertThrows(CovidException.class, this::extract);
    for (String part : parts) {
      assertTrue(e.getMessage().contains(part), part + " in: " + e.getMessage());
    }
    assertTrue(e.subject().equals(archive.toString()), e.getMessage());
    assertNothingLeft();
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      List<Path> left =
          files.filter(f -> !f.equals(folder) && !f.equals(models) && !f.equals(archive)).toList();
      assertTrue(left.isEmpty(), left.toString());
    }
  }

  @Test
  void aGoodArchiveOfAnotherToolIsRead() throws IOException {
    put("docs/more.txt", "deflated, as other tools do");
    write();
    assertTrue(Files.exists(extract()));
  }

  @Test
  void onlyWaysOfPackingThatEveryToolHasAreRead() throws IOException {
    entries.put("SHA256SUMS", checksums());
    try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(archive)) {
      for (var entry : entries.entrySet()) {
        add(zip, new ZipArchiveEntry(entry.getKey()), entry.getValue());
      }
      ZipArchiveEntry odd = new ZipArchiveEntry("docs/odd");
      odd.setMethod(ZipMethod.ENHANCED_DEFLATED.getCode());
      odd.setSize(4);
      odd.setCompressedSize(4);
      odd.setCrc(1);
      zip.addRawArchiveEntry(odd, new ByteArrayInputStream(new byte[] {7, 7, 7, 7}));
    }
    assertRefused("docs/odd is encrypted or packed in an unknown way");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "models/../../evil",
        "/etc/evil",
        "C:/evil",
        "C:evil",
        "..\\evil/x",
        "a//b",
        "./evil",
        "a\u0000b",
        "../evil/"
      })
  void aNameOutside(String name) throws IOException {
    put(name, "");
    write();
    assertRefused(name.replace('\u0000', '?'), "no path inside");
  }

  @Test
  void aLink() throws IOException {
    ZipArchiveEntry link = new ZipArchiveEntry("models/link");
    link.setUnixMode(LINK);
    write(link);
    assertRefused("models/link", "is a link");
  }

  @Test
  void anEntryTwice() throws IOException {
    write(new ZipArchiveEntry("models/model.safetensors"));
    assertRefused("models/model.safetensors", "twice");
  }

  @Test
  void aBombByOneEntry() throws IOException {
    entries.put("bomb", new byte[100_000]);
    write();
    assertRefused("bomb", "5000 bytes");
  }

  @Test
  void aBombThatLiesAboutItsSize() throws IOException {
    entries.put("bomb", new byte[100_000]);
    write();
    byte[] bytes = Files.readAllBytes(archive);
    // The size in the central directory, from 100000 to 16.
    byte[] size = {(byte) 0xa0, (byte) 0x86, 1, 0};
    int changed = 0;
    for (int i = 0; i + 4 <= bytes.length; i++) {
      if (Arrays.equals(Arrays.copyOfRange(bytes, i, i + 4), size)) {
        bytes[i] = 16;
        bytes[i + 1] = 0;
        bytes[i + 2] = 0;
        changed++;
      }
    }
    assertTrue(changed > 0);
    Files.write(archive, bytes);
    assertRefused("bomb");
  }

  @Test
  void aBombByMany() throws IOException {
    for (int i = 0; i < 3; i++) {
      entries.put("bomb" + i, new byte[4_000]);
    }
    write();
    assertRefused("bomb1", "8000 bytes");
  }

  @Test
  void aBombByNumber() throws IOException {
    for (int i = 0; i < 30; i++) {
      put("entry" + i, "");
    }
    write();
    assertRefused("33 entries");
  }

  @Test
  void aWrongChecksum() throws IOException {
    entries.put("SHA256SUMS", checksums());
    put("models/model.safetensors", "others");
    write();
    assertRefused("models/model.safetensors", "does not have its checksum");
  }

  @Test
  void anEntryWithoutChecksum() throws IOException {
    write(new ZipArchiveEntry("models/more"));
    assertRefused("models/more", "has no checksum");
  }

  @Test
  void aChecksumWithoutEntry() throws IOException {
    put("docs/gone", "");
    entries.put("SHA256SUMS", checksums());
    entries.remove("docs/gone");
    write();
    assertRefused("docs/gone", "missing");
  }

  @Test
  void checksumsThatAreNone() throws IOException {
    put("SHA256SUMS", "not a list");
    write();
    assertRefused("SHA256SUMS");
  }

  @Test
  void noModel() throws IOException {
    entries.remove("models/model.safetensors");
    write();
    assertRefused("models/model.safetensors", "missing");
  }

  @Test
  void noConfiguration() throws IOException {
    entries.remove("models/config.json");
    write();
    assertRefused("models/config.json", "missing");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "not a zip, just text", "PK\u0003\u0004 and no more"})
  void noZip(String content) throws IOException {
    Files.writeString(archive, content);
    assertRefused("no whole archive");
  }

  @Test
  void noFile() throws IOException {
    assertRefused("no whole archive");
  }

  @Test
  void aTruncatedFile() throws IOException {
    write();
    byte[] bytes = Files.readAllBytes(archive);
    for (int length = 0; length < bytes.length; length += 7) {
      Files.write(archive, Arrays.copyOf(bytes, length));
      assertRefused("archive");
    }
  }

  @Test
  void anyDamageIsNoticedOrHarmless() throws IOException {
    write();
    byte[] bytes = Files.readAllBytes(archive);
    UniformRandomProvider random = new Seeds(7).generator();
    List<String> unlike = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      byte[] damaged = bytes.clone();
      for (int n = random.nextInt(1, 4); n > 0; n--) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      }
      Files.write(archive, damaged);
      try {
        if (!Files.readString(extract()).equals("weights")) {
          unlike.add(HexFormat.of().formatHex(damaged));
        }
      } catch (CovidException e) {
        assertFalse(e.remedy().isBlank());
      }
    }
    assertTrue(unlike.isEmpty(), () -> unlike.toString());
  }

  @Test
  void takesTheConfigurationOutOfAnArchiveOfOthers() throws IOException {
    entries.clear();
    put("covid_ct/config/config_train.json", "{}");
    put("covid_ct/config/environment.json", "{}");
    put("covid_ct/models/model.ckpt.index", "weights");
    put("covid_ct/docs/other.json", "{}");
    entries.put("SHA256SUMS", new byte[0]);
    write();
    Path mmar = folder.resolve("mmar");
    MmarArchive.extractConfiguration(archive, mmar);
    try (Stream<Path> files = Files.walk(mmar)) {
      assertEquals(
          List.of("config/config_train.json", "config/environment.json"),
          files
              .filter(Files::isRegularFile)
              .map(f -> mmar.relativize(f).toString())
              .sorted()
              .toList());
    }
  }

  @Test
  void whatIsNotTakenMayBeLargeJson() throws IOException {
    byte[] large = new byte[(1 << 22) + 1];
    Arrays.fill(large, (byte) ' ');
    entries.put("provenance.json", large);
    write();
    assertTrue(Files.exists(MmarArchive.extractModel(archive, models)));
    put("config/a.json", "{}");
    write();
    for (int i = 0; i < 2; i++) {
      MmarArchive.extractConfiguration(archive, folder.resolve("mmar"));
    }
    entries.put("config/b.json", large);
    write();
    assertThrows(
        CovidException.class,
        () -> MmarArchive.extractConfiguration(archive, folder.resolve("other")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"../config/a.json", "x/../../config/a.json", "/config/a.json", "y/config/a.json"})
  void takesNoConfigurationFromElsewhere(String name) throws IOException {
    entries.clear();
    put("x/config/a.json", "{}");
    put(name, "{}");
    entries.put("SHA256SUMS", new byte[0]);
    write();
    Path mmar = folder.resolve("deep/mmar");
    assertThrows(CovidException.class, () -> MmarArchive.extractConfiguration(archive, mmar));
    assertFalse(Files.exists(folder.resolve("deep/config/a.json")));
  }
}
