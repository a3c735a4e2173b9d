package org.covidmmar.segmentation;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Volume;

/**
 * Finds the lungs without a network, by thresholds and shapes on a grid of about 2 mm along the
 * patient's axes, then takes the border to the CT's own voxels. The steps, their sizes in mm and
 * their sources are in docs/reference/segmentation.md; in short:
 *
 * <ol>
 *   <li>the patient, without table and clothes ({@link Body});
 *   <li>what is aerated inside, without trachea and main bronchi ({@link Airways});
 *   <li>the two lungs among that, by density, position and size ({@link LungChoice}), parted where
 *       they touch ({@link Split});
 *   <li>vessels, and dense parts at the chest wall ({@link Pleura}), fluid behind the lungs ({@link
 *       Effusion}).
 * </ol>
 *
 * <p>The same CT gives the same mask, however its axes run.
 */
public final class LungSegmenter implements Segmenter {
  /** Goes up when masks change. */
  private static final String METHOD = "classical 1";

  private static final double CLOSING = 6;
  private static final double LEAST_CROPPED = 20;

  @Override
  public String method() {
    return METHOD;
  }

  @Override
  public long memory(long voxels) {
    // The mask, and some dozen arrays of coarse cells, of which a fine CT has a tenth as many.
    return 2 * voxels + 6 * voxels;
  }

  @Override
  public LungMask segment(String subject, Volume ct) {
    CoarseScan scan = CoarseScan.of(subject, ct);
    Grid g = scan.grid;
    Body body = Body.of(subject, scan);
    Airways airways = Airways.find(scan, body);
    LungChoice choice = LungChoice.of(scan, body, airways);
    refuseWhatIsNoChest(subject, g, choice);
    byte[] sides = choice.sides();
    byte[] right = completed(scan, body, airways, choice, 1);
    byte[] left = completed(scan, body, airways, choice, 2);
    byte[] whole = new byte[sides.length];
    for (int n = 0; n < whole.length; n++) {
      boolean inRight = right[n] != 0 && sides[n] != 2;
      whole[n] = (byte) (inRight ? 1 : left[n] != 0 && sides[n] != 1 ? 2 : 0);
    }
    whole = Effusion.with(scan, body, whole);
    byte[] air = Body.below(scan.hu, Body.AERATED);
    CoarseScan.Refined refined = scan.refined(whole, air, Body.AERATED);
    double ml = Math.abs(ct.affine().determinant()) / 1000;
    double rightMl = refined.right() * ml;
    double leftMl = refined.left() * ml;
    Confidence confidence =
        Confidence.of(
            rightMl,
            leftMl,
            1 - (double) Grid.count(Morphology.and(whole, air)) / Math.max(1, Grid.count(whole)),
            airways.found(),
            isCropped(g, body, whole),
            cut(g, whole));
    return new LungMask(refined.mask(), rightMl, leftMl, confidence.value(), confidence.findings());
  }

  /** A lung with its vessels and what lies dense at the chest wall. */
  private static byte[] completed(
      CoarseScan scan, Body body, Airways airways, LungChoice choice, int side) {
    Grid g = scan.grid;
    byte[] sides = choice.sides();
    byte[] lung = new byte[sides.length];
    for (int n = 0; n < lung.length; n++) {
      lung[n] = (byte) (sides[n] == side ? 1 : 0);
    }
    if (Grid.count(lung) == 0) {
      return lung;
    }
    Morphology balls = Morphology.of(g);
    byte[] whole = balls.filled(balls.closed(lung, CLOSING));
    whole = Pleura.withHoles(g, whole);
    whole = Pleura.withDenseParts(scan, body, whole, side == 1 ? 1 : -1);
    whole = Morphology.and(whole, body.hull());
    return Morphology.minus(Morphology.minus(whole, choice.gas()), airways.trunk());
  }

  /** Whether more than a few cells of the mask are lung that the field of view cuts. */
  private static boolean isCropped(Grid g, Body body, byte[] whole) {
    return g.ml(Morphology.and(body.beyond(), whole)) > LEAST_CROPPED;
  }

  /** At which end of the scan lung is cut off: a large part of its largest slice is in the last. */
  static List<String> cut(Grid g, byte[] lungs) {
    int[] area = areas(g, lungs);
    int most = 0;
    for (int a : area) {
      most = Math.max(most, a);
    }
    List<String> ends = new ArrayList<>();
    if (area[g.nz() - 1] > 0.25 * most) {
      ends.add("top");
    }
    if (area[0] > 0.25 * most) {
      ends.add("bottom");
    }
    return ends;
  }

  private static int[] areas(Grid g, byte[] set) {
    int[] area = new int[g.nz()];
    for (int n = 0; n < set.length; n++) {
      area[n / g.slice()] += set[n] != 0 ? 1 : 0;
    }
    return area;
  }

  private static void refuseWhatIsNoChest(String subject, Grid g, LungChoice choice) {
    double ml = g.ml(choice.sides());
    if (ml < LungChoice.LEAST_LUNG) {
      throw noChest(
          subject,
          String.format(
              Locale.ROOT,
              "no lung is in it: %s, where a lung has at least %.0f ml",
              choice.largest(),
              LungChoice.LEAST_LUNG));
    }
    int[] area = areas(g, choice.sides());
    int bottom = 0;
    while (area[bottom] == 0) {
      bottom++;
    }
    int most = 0;
    for (int a : area) {
      most = Math.max(most, a);
    }
    double shown = (g.nz() - bottom) * g.dz();
    boolean cutAbove = area[g.nz() - 1] > 0.5 * most;
    if (cutAbove && shown < 120 && bottom * g.dz() > 150) {
      throw noChest(
          subject,
          String.format(
              Locale.ROOT,
              "only the lowest %.0f mm of the lungs are in it, above %.0f mm without lung: a CT of"
                  + " the abdomen",
              shown,
              bottom * g.dz()));
    }
  }

  private static CovidException noChest(String subject, String problem) {
    return new CovidException(
        subject,
        "is no CT of the chest: " + problem,
        "give a CT that shows the lungs in HU, or a lung mask of your own as label_image");
  }
}
