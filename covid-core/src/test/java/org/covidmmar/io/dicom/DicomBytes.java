package org.covidmmar.io.dicom;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;

/** Writes DICOM data sets, good and bad ones, element by element. */
final class DicomBytes {
  static final String IMPLICIT = "1.2.840.10008.1.2";
  static final String EXPLICIT = "1.2.840.10008.1.2.1";
  static final String DEFLATED = "1.2.840.10008.1.2.1.99";
  static final String BIG_ENDIAN = "1.2.840.10008.1.2.2";
  static final long UNDEFINED = 0xffffffffL;

  private final String syntax;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  DicomBytes(String syntax) {
    this.syntax = syntax;
  }

  private boolean isExplicit() {
    return !syntax.equals(IMPLICIT);
  }

  private boolean isBigEndian() {
    return syntax.equals(BIG_ENDIAN);
  }

  DicomBytes text(int tag, String vr, String value) {
    String even = value.length() % 2 == 0 ? value : value + (vr.equals("UI") ? "\0" : " ");
    return element(tag, vr, even.getBytes(StandardCharsets.ISO_8859_1));
  }

  DicomBytes decimals(int tag, double... values) {
    StringBuilder text = new StringBuilder();
    for (double value : values) {
      text.append(text.isEmpty() ? "" : "\\").append(value);
    }
    return text(tag, "DS", text.toString());
  }

  DicomBytes unsigned(int tag, int value) {
    return element(tag, "US", number(value, 2));
  }

  DicomBytes element(int tag, String vr, byte[] value) {
    header(tag, vr, value.length);
    out.writeBytes(value);
    return this;
  }

  /** A sequence, its own length and those of its items defined or not. */
  DicomBytes sequence(int tag, boolean defined, DicomBytes... items) {
    DicomBytes content = new DicomBytes(syntax);
    for (DicomBytes item : items) {
      byte[] bytes = item.out.toByteArray();
      content.item(defined ? bytes.length : UNDEFINED).raw(bytes);
      if (!defined) {
        content.tag(Tag.ITEM_END).raw(number(0, 4));
      }
    }
    byte[] bytes = content.out.toByteArray();
    header(tag, "SQ", defined ? bytes.length : UNDEFINED);
    out.writeBytes(bytes);
    if (!defined) {
      tag(Tag.SEQUENCE_END).raw(number(0, 4));
    }
    return this;
  }

  DicomBytes item(long length) {
    return tag(Tag.ITEM).raw(number(length, 4));
  }

  DicomBytes pixels(int[] values, int bits) {
    int bytes = bits / 8;
    byte[] value = new byte[(values.length * bytes + 1) / 2 * 2];
    for (int i = 0; i < values.length; i++) {
      System.arraycopy(number(values[i], bytes), 0, value, i * bytes, bytes);
    }
    return element(Tag.PIXELS, bits == 8 ? "OB" : "OW", value);
  }

  /** Encapsulated pixel data: a table, then fragments. */
  DicomBytes fragments(byte[] table, byte[]... fragments) {
    header(Tag.PIXELS, "OB", UNDEFINED);
    item(table.length).raw(table);
    for (byte[] fragment : fragments) {
      item(fragment.length).raw(fragment);
    }
    return tag(Tag.SEQUENCE_END).raw(number(0, 4));
  }

  DicomBytes header(int tag, String vr, long length) {
    tag(tag);
    if (!isExplicit()) {
      return raw(number(length, 4));
    }
    raw(vr.getBytes(StandardCharsets.ISO_8859_1));
    boolean isLong = "OB OW SQ UN UT OF".contains(vr);
    return isLong ? raw(number(0, 2)).raw(number(length, 4)) : raw(number(length, 2));
  }

  private DicomBytes tag(int tag) {
    return raw(number(tag >>> 16, 2)).raw(number(tag & 0xffff, 2));
  }

  DicomBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] number(long value, int bytes) {
    byte[] number = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      number[isBigEndian() ? bytes - 1 - i : i] = (byte) (value >> (8 * i));
    }
    return number;
  }

  /** The data set alone. */
  byte[] dataSet() {
    return out.toByteArray();
  }

  /** A file of a SOP class, with preamble and meta information. */
  byte[] file(String sop) {
    DicomBytes meta =
        new DicomBytes(EXPLICIT)
            .text(Tag.MEDIA_SOP_CLASS, "UI", sop)
            .text(Tag.TRANSFER_SYNTAX, "UI", syntax);
    byte[] length = meta.number(meta.out.size(), 4);
    DicomBytes file =
        new DicomBytes(EXPLICIT).raw(new byte[128]).raw("DICM".getBytes(StandardCharsets.US_ASCII));
    file.element(0x00020000, "UL", length).raw(meta.dataSet());
    return file.raw(syntax.equals(DEFLATED) ? deflated(dataSet()) : dataSet()).dataSet();
  }

  static byte[] deflated(byte[] bytes) {
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out =
        new DeflaterOutputStream(deflated, new Deflater(Deflater.BEST_SPEED, true))) {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return deflated.toByteArray();
  }

  static Path write(Path file, byte[] content) {
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
