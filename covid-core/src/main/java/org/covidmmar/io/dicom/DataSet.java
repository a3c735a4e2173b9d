package org.covidmmar.io.dicom;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The elements that were kept of a data set, or of an item of a sequence in it. */
final class DataSet {
  private final boolean bigEndian;
  private final Map<Integer, byte[]> values = new HashMap<>();
  private final Map<Integer, List<DataSet>> sequences = new HashMap<>();

  DataSet(boolean bigEndian) {
    this.bigEndian = bigEndian;
  }

  void put(int tag, byte[] value) {
    values.put(tag, value);
  }

  void put(int tag, List<DataSet> items) {
    sequences.put(tag, items);
  }

  /** The items of a sequence; none where there is no such sequence. */
  List<DataSet> items(int tag) {
    return sequences.getOrDefault(tag, List.of());
  }

  /** The first item of a sequence; an empty one where there is none. */
  DataSet item(int tag) {
    List<DataSet> items = items(tag);
    return items.isEmpty() ? new DataSet(bigEndian) : items.get(0);
  }

  boolean has(int tag) {
    return !text(tag).isEmpty();
  }

  /** A value as text without padding; empty where there is none. */
  String text(int tag) {
    byte[] value = values.get(tag);
    if (value == null) {
      return "";
    }
    int length = value.length;
    while (length > 0 && (value[length - 1] == 0 || value[length - 1] == ' ')) {
      length--;
    }
    return new String(value, 0, length, StandardCharsets.ISO_8859_1).strip();
  }

  /** The parts of a value between backslashes; none where there is no value. */
  List<String> texts(int tag) {
    List<String> parts = new ArrayList<>();
    String text = text(tag);
    if (!text.isEmpty()) {
      for (String part : text.split("\\\\", -1)) {
        parts.add(part.strip());
      }
    }
    return parts;
  }

  /**
   * A value of decimal strings.
   *
   * @param count how many there must be
   * @return null where there is no value
   * @throws DicomFormatException where it is not so many finite numbers
   */
  double[] decimals(int tag, int count) throws DicomFormatException {
    List<String> parts = texts(tag);
    if (parts.isEmpty()) {
      return null;
    }
    double[] numbers = new double[count];
    boolean right = parts.size() == count;
    for (int i = 0; right && i < count; i++) {
      numbers[i] = number(parts.get(i));
      right = Double.isFinite(numbers[i]);
    }
    if (!right) {
      throw wrong(tag, count + (count == 1 ? " number" : " numbers"));
    }
    return numbers;
  }

  /** A value of one decimal string; the given number where there is none. */
  double decimal(int tag, double otherwise) throws DicomFormatException {
    double[] one = decimals(tag, 1);
    return one == null ? otherwise : one[0];
  }

  private static double number(String text) {
    try {
      // Java takes more than DICOM does: names of numbers, hexadecimal digits, type suffixes.
      return text.matches("[-+0-9.eE]+") ? Double.parseDouble(text) : Double.NaN;
    } catch (NumberFormatException e) {
      return Double.NaN;
    }
  }

  /** A value of one integer string; the given number where there is none. */
  int integer(int tag, int otherwise) throws DicomFormatException {
    double value = decimal(tag, otherwise);
    if (value != Math.rint(value) || Math.abs(value) > Integer.MAX_VALUE) {
      throw wrong(tag, "a whole number");
    }
    return (int) value;
  }

  /** A value that nothing depends on: the given number where it is missing or damaged. */
  double decimalOr(int tag, double otherwise) {
    double value = number(text(tag));
    return Double.isFinite(value) ? value : otherwise;
  }

  /** The first of the value's two-byte integers, without sign; the given number where none is. */
  int unsigned(int tag, int otherwise) throws DicomFormatException {
    byte[] value = values.get(tag);
    if (value == null || value.length == 0) {
      return otherwise;
    }
    if (value.length < Short.BYTES) {
      throw wrong(tag, "two bytes");
    }
    int a = value[0] & 0xff;
    int b = value[1] & 0xff;
    return bigEndian ? a << 8 | b : b << 8 | a;
  }

  private DicomFormatException wrong(int tag, String expected) {
    String found = text(tag);
    String shown = found.length() > 40 ? found.substring(0, 40) + "…" : found;
    return new DicomFormatException(
        "%s: expected %s, found \"%s\""
            .formatted(name(tag), expected, shown.replaceAll("\\p{Cntrl}", "?")));
  }

  /** As the standard writes a tag: (0028,0010). */
  static String name(int tag) {
    return "(%04x,%04x)".formatted(tag >>> 16, tag & 0xffff);
  }
}
