package org.covidmmar.io.dicom.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.InflaterInputStream;

/** A compressed frame that another tool wrote, and its samples (codec_goldens.py). */
@SuppressWarnings("ArrayRecordComponent")
record GoldenStream(
    String name, FrameLayout layout, int tolerance, byte[] stream, short[] samples) {

  static List<GoldenStream> all() throws IOException {
    List<GoldenStream> all = new ArrayList<>();
    try (InputStream in = GoldenStream.class.getResourceAsStream("streams.json")) {
      for (JsonNode row : new ObjectMapper().readTree(in).get("streams")) {
        FrameLayout layout =
            new FrameLayout(
                row.get("rows").intValue(),
                row.get("columns").intValue(),
                row.get("bitsAllocated").intValue(),
                row.get("bitsStored").intValue(),
                row.get("signed").booleanValue(),
                row.get("syntax").textValue());
        byte[] packed = Base64.getDecoder().decode(row.get("samples").textValue());
        short[] samples = new short[layout.pixels()];
        try (InputStream bytes = new InflaterInputStream(new ByteArrayInputStream(packed))) {
          ByteBuffer.wrap(bytes.readAllBytes())
              .order(ByteOrder.LITTLE_ENDIAN)
              .asShortBuffer()
              .get(samples);
        }
        all.add(
            new GoldenStream(
                row.get("name").textValue(),
                layout,
                row.get("tolerance").intValue(),
                Base64.getDecoder().decode(row.get("stream").textValue()),
                samples));
      }
    }
    return all;
  }

  PixelCodec codec() {
    return PixelCodecs.of(layout.transferSyntax()).orElseThrow();
  }

  short[] decode(byte[] bytes) throws CodecException {
    short[] out = new short[layout.pixels()];
    codec().decode(bytes, 0, bytes.length, layout, out);
    return out;
  }

  @Override
  public String toString() {
    return name;
  }
}
