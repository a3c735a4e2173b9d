package org.covidmmar.segmentation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How much what was found looks like two whole lungs: a product of factors, each 1 where it does.
 *
 * <ul>
 *   <li>One lung instead of two: 0.5.
 *   <li>The smaller lung has less than 0.4 of the larger: from 1 at 0.4 down to 0.5 at 0.
 *   <li>Both together have less than 1.5 l or more than 9 l: from 1 there to 0.3 at 0 and at 12 l.
 *   <li>More than 0.2 of the mask is not aerated, but filled in: from 1 at 0.2 down to 0.4 at 0.6.
 *   <li>No trachea was found: 0.9.
 *   <li>The lungs go on beyond an end of the scan, or beyond its field of view: 0.9 for each.
 * </ul>
 *
 * @param value the product, 0..1
 * @param findings what made it less than 1
 */
record Confidence(double value, List<String> findings) {
  private static final double ONE_LUNG = 0.5;
  private static final double LEAST_RATIO = 0.4;
  private static final double LEAST_TOTAL = 1500;
  private static final double MOST_TOTAL = 9000;
  private static final double IMPOSSIBLE_TOTAL = 12_000;
  private static final double MOST_FILLED = 0.2;
  private static final double MINOR = 0.9;

  static Confidence of(
      double rightMl,
      double leftMl,
      double filled,
      boolean airways,
      boolean cropped,
      List<String> cutEnds) {
    List<String> findings = new ArrayList<>();
    double value = 1;
    double larger = Math.max(rightMl, leftMl);
    double smaller = Math.min(rightMl, leftMl);
    if (smaller == 0) {
      value *= ONE_LUNG;
      findings.add("only the " + (rightMl > 0 ? "right" : "left") + " lung was found");
    } else if (smaller < LEAST_RATIO * larger) {
      value *= 0.5 + 0.5 * smaller / larger / LEAST_RATIO;
      findings.add(
          format(
              "the %s lung has %.0f ml, the other %.0f ml",
              rightMl < leftMl ? "right" : "left", smaller, larger));
    }
    double total = rightMl + leftMl;
    if (total < LEAST_TOTAL) {
      value *= 0.3 + 0.7 * total / LEAST_TOTAL;
      findings.add(format("both lungs together have only %.0f ml", total));
    } else if (total > MOST_TOTAL) {
      double over = (total - MOST_TOTAL) / (IMPOSSIBLE_TOTAL - MOST_TOTAL);
      value *= Math.max(0.3, 1 - 0.7 * over);
      findings.add(format("both lungs together have %.0f ml", total));
    }
    if (filled > MOST_FILLED) {
      value *= Math.max(0.4, 1 - 1.5 * (filled - MOST_FILLED));
      findings.add(format("%.0f %% of the mask is not aerated, but filled in", 100 * filled));
    }
    if (!airways) {
      value *= MINOR;
      findings.add("no trachea was found, so none was taken out");
    }
    if (cropped) {
      value *= MINOR;
      findings.add("the lungs go on beyond the field of view");
    }
    for (String end : cutEnds) {
      value *= MINOR;
      findings.add("the lungs go on beyond the " + end + " of the scan");
    }
    return new Confidence(value, findings);
  }

  private static String format(String text, Object... values) {
    return String.format(Locale.ROOT, text, values);
  }
}
