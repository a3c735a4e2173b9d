package org.covidmmar.io.dicom.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.InflaterInputStream;
import org.covidmmar.Fingerprint;
import org.covidmmar.Peers;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Real files give the samples that GDCM sees in them. */
@Tag("peers")
class CodecPeersTest {
  @Test
  void oneImageInEverySyntax() throws IOException, CodecException {
    List<Path> files = new ArrayList<>(EncapsulatedFile.list("dicom", "syntaxes"));
    files.removeIf(
        f ->
            !f.toString()
                .matches(".*_1\\.2\\.840\\.10008\\.1\\.2\\.(4\\.(50|57|70|8.|9.)|5)\\.dcm"));
    assertEquals(8, files.size());
    for (JsonNode row : peer("samples", files)) {
      EncapsulatedFile frame = EncapsulatedFile.read(Path.of(row.get("file").textValue()));
      String syntax = frame.layout().transferSyntax();
      boolean exact = !syntax.matches(".*\\.(50|91)");
      short[] decoded = frame.decode();
      byte[] packed = Base64.getDecoder().decode(row.get("samples").textValue());
      try (InputStream in = new InflaterInputStream(new ByteArrayInputStream(packed))) {
        ByteBuffer samples = ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < decoded.length; i++) {
          int off = Math.abs(decoded[i] - samples.getShort(2 * i));
          assertTrue(off <= (exact ? 0 : 1), syntax + " differs by " + off + " at pixel " + i);
        }
      }
    }
  }

  @Test
  void slicesOfRealScans() throws IOException, CodecException {
    List<Path> files = new ArrayList<>(EncapsulatedFile.list("ct", "covid"));
    files.addAll(EncapsulatedFile.list("ct", "normal"));
    for (JsonNode row : peer("sums", files)) {
      short[] decoded = EncapsulatedFile.read(Path.of(row.get("file").textValue())).decode();
      ByteBuffer bytes = ByteBuffer.allocate(2 * decoded.length).order(ByteOrder.LITTLE_ENDIAN);
      bytes.asShortBuffer().put(decoded);
      String sum = HexFormat.of().formatHex(Fingerprint.sha256().digest(bytes.array()));
      assertEquals(row.get("sha256").textValue(), sum, row.get("file").textValue());
    }
  }

  private static JsonNode peer(String mode, List<Path> files) throws IOException {
    List<String> arguments = new ArrayList<>(List.of(mode));
    files.forEach(f -> arguments.add(f.toString()));
    JsonNode rows =
        new ObjectMapper().readTree(Peers.run("codec_peer.py", arguments.toArray(new String[0])));
    assertEquals(files.size(), rows.size());
    return rows;
  }
}
