package org.covidmmar.transform;

import org.covidmmar.CovidException;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Crops image and mask to the box around the mask's voxels above 0, widened by a margin.
 *
 * @param margin voxels on each side, at least 0
 * @param allowSmaller whether the box ends at the volume's edge; else it is filled with 0 there
 * @param kDivisible the box's size along each axis grows to a multiple of it, the smaller half of
 *     the growth before the box, filled with 0 where that leaves the volume; 1 for none
 */
public record CropForeground(int margin, boolean allowSmaller, int kDivisible)
    implements ViewTransform {
  public CropForeground {
    Check.that(margin >= 0 && margin <= 10_000, "margin", "voxels, 0 to 10000", margin);
    Check.that(
        kDivisible >= 1 && kDivisible <= 1024, "kDivisible", "a number from 1 to 1024", kDivisible);
  }

  @Override
  public boolean needsMask() {
    return true;
  }

  @Override
  public Views on(Views views) {
    View mask = Masks.of(views);
    Box foreground = Box.of(mask);
    if (foreground == null) {
      throw new CovidException(
          views.id(),
          "the mask is empty: expected voxels above 0 where the lungs are, found none",
          "give the case a mask of its lungs, or leave the case out");
    }
    Box box = widened(foreground, mask.shape());
    return views.both(v -> box.of(v, views.id()));
  }

  private Box widened(Box foreground, Shape shape) {
    int[] from = foreground.from().clone();
    int[] to = foreground.to().clone();
    for (int axis = 0; axis < 3; axis++) {
      from[axis] -= margin;
      to[axis] += margin;
      if (allowSmaller) {
        from[axis] = Math.max(from[axis], 0);
        to[axis] = Math.min(to[axis], shape.along(axis));
      }
      int size = to[axis] - from[axis];
      int divisible = (size + kDivisible - 1) / kDivisible * kDivisible;
      from[axis] -= (divisible - size) / 2;
      to[axis] = from[axis] + divisible;
    }
    return new Box(from, to);
  }

  /** From one voxel, included, to another, excluded; may reach beyond the volume. */
  @SuppressWarnings("ArrayRecordComponent") // lives within one call, is never compared
  private record Box(int[] from, int[] to) {
    /** The smallest that holds every voxel above 0; null where there is none. */
    static Box of(View mask) {
      int nx = mask.shape().x();
      int[] from = {nx, Integer.MAX_VALUE, Integer.MAX_VALUE};
      int[] to = new int[3];
      float[] row = new float[nx];
      for (int k = 0; k < mask.shape().z(); k++) {
        for (int j = 0; j < mask.shape().y(); j++) {
          mask.row(j, k, row);
          int first = 0;
          while (first < nx && !(row[first] > 0)) {
            first++;
          }
          if (first == nx) {
            continue;
          }
          int last = nx - 1;
          while (!(row[last] > 0)) {
            last--;
          }
          from[0] = Math.min(from[0], first);
          to[0] = Math.max(to[0], last + 1);
          from[1] = Math.min(from[1], j);
          to[1] = Math.max(to[1], j + 1);
          from[2] = Math.min(from[2], k);
          to[2] = k + 1;
        }
      }
      return to[0] == 0 ? null : new Box(from, to);
    }

    View of(View view, String id) {
      boolean within = true;
      for (int axis = 0; axis < 3; axis++) {
        within &= from[axis] >= 0 && to[axis] <= view.shape().along(axis);
      }
      Shape size = new Shape(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
      if (within) {
        return view.cropped(from, size);
      }
      Resampling.checkSize(id, size);
      return padded(view, size);
    }

    private View padded(View view, Shape size) {
      float[] voxels = new float[Math.toIntExact(size.voxels())];
      float[] row = new float[view.shape().x()];
      int firstX = Math.max(from[0], 0);
      int count = Math.min(to[0], view.shape().x()) - firstX;
      for (int k = Math.max(from[2], 0); k < Math.min(to[2], view.shape().z()); k++) {
        for (int j = Math.max(from[1], 0); j < Math.min(to[1], view.shape().y()); j++) {
          view.row(j, k, row);
          int at = firstX - from[0] + size.x() * (j - from[1] + size.y() * (k - from[2]));
          System.arraycopy(row, firstX, voxels, at, count);
        }
      }
      return View.of(Volume.of(size, view.affine().startingAt(from[0], from[1], from[2]), voxels));
    }
  }
}
