package org.covidmmar.segmentation;

import org.covidmmar.CovidException;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/** What a network found, on the CT's own grid, told apart into right and left lung. */
final class Sides {
  private Sides() {}

  /**
   * @param lung 1 where lung is, on the grid of {@code input}, whose axes run right, front, head
   */
  static LungMask mask(String subject, Volume ct, byte[] lung, Volume input) {
    Shape s = input.shape();
    double[] mm = input.affine().spacing();
    Grid g = new Grid(s.x(), s.y(), s.z(), mm[0], mm[1], mm[2]);
    if (Grid.count(lung) == 0) {
      throw new CovidException(
          subject,
          "the network of covid.segment.model finds no lung in it",
          "give a CT of the chest in HU, another network, or none");
    }
    byte[] sides = sides(g, lung);
    short[] mask = new short[Math.toIntExact(ct.shape().voxels())];
    long[] counts = nearest(ct, sides, input, mask);
    double ml = Math.abs(ct.affine().determinant()) / 1000;
    Confidence confidence =
        Confidence.of(counts[1] * ml, counts[2] * ml, 0, true, false, LungSegmenter.cut(g, sides));
    return new LungMask(
        Volume.of(ct.shape(), ct.affine(), mask),
        counts[1] * ml,
        counts[2] * ml,
        confidence.value(),
        confidence.findings());
  }

  /** Where the lungs touch they are parted; else what is right of the middle is the right lung. */
  private static byte[] sides(Grid g, byte[] lung) {
    Components parts = Components.of(g, lung);
    byte[] largest = parts.cells(parts.largest());
    byte[] parted = Split.of(g, largest);
    byte[] sides = new byte[lung.length];
    double[] x = new double[parts.count() + 1];
    for (int n = 0; n < lung.length; n++) {
      x[parts.label()[n]] += g.x(n);
    }
    double middle = (g.nx() - 1) / 2.0;
    for (int n = 0; n < lung.length; n++) {
      int part = parts.label()[n];
      if (part != 0) {
        boolean right = x[part] / parts.size()[part] > middle;
        sides[n] = parted != null && parted[n] != 0 ? parted[n] : (byte) (right ? 1 : 2);
      }
    }
    return sides;
  }

  /** Gives each voxel of the CT what the nearest one of the network's grid has. */
  private static long[] nearest(Volume ct, byte[] sides, Volume input, short[] mask) {
    Affine m = input.affine().inverse().times(ct.affine());
    Shape to = ct.shape();
    Shape s = input.shape();
    long[] counts = new long[3];
    int at = 0;
    for (int k = 0; k < to.z(); k++) {
      for (int j = 0; j < to.y(); j++) {
        for (int i = 0; i < to.x(); i++, at++) {
          int x = index(m.get(0, 0) * i + m.get(0, 1) * j + m.get(0, 2) * k + m.get(0, 3), s.x());
          int y = index(m.get(1, 0) * i + m.get(1, 1) * j + m.get(1, 2) * k + m.get(1, 3), s.y());
          int z = index(m.get(2, 0) * i + m.get(2, 1) * j + m.get(2, 2) * k + m.get(2, 3), s.z());
          byte side = sides[x + s.x() * (y + s.y() * z)];
          mask[at] = (short) (side != 0 ? 1 : 0);
          counts[side]++;
        }
      }
    }
    return counts;
  }

  private static int index(double at, int size) {
    return (int) Math.max(0, Math.min(size - 1.0, Math.rint(at)));
  }
}
