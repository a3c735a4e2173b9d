package org.covidmmar.io.dicom;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.Fingerprint;

/** How the files of series are named: text with {series}, {uid}, {study}, {patient}, {folder}. */
record NamePattern(String text) {
  private static final String PROPERTY = "covid.convert.name";
  private static final Pattern PLACE = Pattern.compile("\\{([^{}]*)\\}");
  private static final int DIGITS = 8;
  private static final Map<String, String> NOTHING =
      values(new CtSlice.SeriesId("", "", "", 0), "", "");

  NamePattern {
    Matcher places = PLACE.matcher(text);
    while (places.find()) {
      if (!NOTHING.containsKey(places.group(1))) {
        throw new CovidException(
            PROPERTY,
            "{" + places.group(1) + "} stands for nothing",
            DidYouMean.remedy(places.group(1), NOTHING.keySet()));
      }
    }
    for (String part : text.split("/", -1)) {
      if (part.isBlank() || part.startsWith(".") || !part.matches("[^\\\\:*?\"<>|\\p{Cntrl}]+")) {
        throw new CovidException(
            PROPERTY,
            "expected names of files separated by /, found \"" + text + "\"",
            "give a pattern such as {series}_{uid} or {patient}/{uid}");
      }
    }
  }

  /**
   * The name of a series' file, without extension.
   *
   * @param patientHash stands for the patient; empty where that is not known
   * @param folder the name of the folder that its first file lies in
   */
  String name(CtSlice.SeriesId id, String patientHash, String folder) {
    Map<String, String> values = values(id, patientHash, folder);
    return PLACE.matcher(text).replaceAll(m -> Matcher.quoteReplacement(values.get(m.group(1))));
  }

  private static Map<String, String> values(
      CtSlice.SeriesId id, String patientHash, String folder) {
    String safe = folder.replaceAll("[^A-Za-z0-9._-]", "_").replaceFirst("^\\.+", "");
    return Map.of(
        "series", Integer.toString(id.number()),
        "uid", hashed(id.series()),
        "study", hashed(id.study()),
        "patient", patientHash.isEmpty() ? "_" : patientHash,
        "folder", safe.isEmpty() ? "_" : safe);
  }

  /** The first eight hexadecimal digits of the SHA-256 of an identifier. */
  static String hashed(String identifier) {
    return Fingerprint.of(identifier).hex().substring(0, DIGITS);
  }
}
