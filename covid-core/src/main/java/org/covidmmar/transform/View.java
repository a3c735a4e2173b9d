package org.covidmmar.transform;

import java.util.ArrayList;
import java.util.List;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * A volume that has been turned, cropped or mapped voxel by voxel, without a copy: what is not read
 * is never computed, and a scan of int16 becomes float32 row by row, where it is read.
 */
final class View {
  private final Volume source;
  private final Shape shape;
  private final Affine affine;
  private final int start;
  private final int[] strides;
  private final List<Pointwise> maps;

  private View(
      Volume source, Shape shape, Affine affine, int start, int[] strides, List<Pointwise> maps) {
    this.source = source;
    this.shape = shape;
    this.affine = affine;
    this.start = start;
    this.strides = strides;
    this.maps = maps;
  }

  static View of(Volume volume) {
    Shape s = volume.shape();
    return new View(volume, s, volume.affine(), 0, new int[] {1, s.x(), s.x() * s.y()}, List.of());
  }

  Shape shape() {
    return shape;
  }

  Affine affine() {
    return affine;
  }

  /** The row (0..x-1, j, k) into the array's beginning. */
  void row(int j, int k, float[] into) {
    int n = shape.x();
    int step = strides[0];
    int from = start + j * strides[1] + k * strides[2];
    if (source.isInt16()) {
      short[] voxels = source.shorts();
      if (step == 1) {
        for (int i = 0; i < n; i++) {
          into[i] = voxels[from + i];
        }
      } else {
        for (int i = 0; i < n; i++) {
          into[i] = voxels[from + i * step];
        }
      }
    } else {
      float[] voxels = source.floats();
      if (step == 1) {
        System.arraycopy(voxels, from, into, 0, n);
      } else {
        for (int i = 0; i < n; i++) {
          into[i] = voxels[from + i * step];
        }
      }
    }
    for (Pointwise map : maps) {
      map.apply(into, n);
    }
  }

  View mapped(Pointwise map) {
    List<Pointwise> more = new ArrayList<>(maps);
    more.add(map);
    return new View(source, shape, affine, start, strides, more);
  }

  /** The box from {@code from}, {@code size} voxels wide, within the view. */
  View cropped(int[] from, Shape size) {
    int first = start + from[0] * strides[0] + from[1] * strides[1] + from[2] * strides[2];
    return new View(
        source, size, affine.startingAt(from[0], from[1], from[2]), first, strides, maps);
  }

  View flipped(int axis) {
    int n = shape.along(axis);
    int[] turned = strides.clone();
    turned[axis] = -strides[axis];
    int first = start + (n - 1) * strides[axis];
    return new View(source, shape, affine.flipped(axis, n), first, turned, maps);
  }

  /** The view whose axes 0, 1, 2 are this one's axes {@code a}, {@code b}, {@code c}. */
  View permuted(int a, int b, int c) {
    Shape turned = new Shape(shape.along(a), shape.along(b), shape.along(c));
    int[] moved = {strides[a], strides[b], strides[c]};
    return new View(source, turned, affine.permuted(a, b, c), start, moved, maps);
  }

  /** The view whose axes run as the orientation says. */
  View oriented(Orientation target) {
    Orientation now = Orientation.of(affine);
    View flipped = this;
    int[] axes = new int[3];
    for (int out = 0; out < 3; out++) {
      for (int in = 0; in < 3; in++) {
        if (now.along(in).axis() == target.along(out).axis()) {
          axes[out] = in;
          if (now.along(in) != target.along(out)) {
            flipped = flipped.flipped(in);
          }
        }
      }
    }
    return flipped.permuted(axes[0], axes[1], axes[2]);
  }

  /** The view as a volume of its own: the source itself where nothing was changed. */
  Volume toVolume() {
    boolean inPlace =
        start == 0
            && affine.equals(source.affine())
            && shape.equals(source.shape())
            && strides[0] == 1
            && strides[1] == shape.x()
            && strides[2] == shape.x() * shape.y();
    if (maps.isEmpty() && inPlace) {
      return source;
    }
    if (maps.isEmpty() && source.isInt16()) {
      return Volume.of(shape, affine, shorts());
    }
    return Volume.of(shape, affine, floats());
  }

  /** The voxels in a new array. */
  float[] floats() {
    float[] voxels = new float[Math.toIntExact(shape.voxels())];
    float[] row = new float[shape.x()];
    int at = 0;
    for (int k = 0; k < shape.z(); k++) {
      for (int j = 0; j < shape.y(); j++) {
        row(j, k, row);
        System.arraycopy(row, 0, voxels, at, row.length);
        at += row.length;
      }
    }
    return voxels;
  }

  private short[] shorts() {
    short[] voxels = new short[Math.toIntExact(shape.voxels())];
    short[] from = source.shorts();
    int at = 0;
    for (int k = 0; k < shape.z(); k++) {
      for (int j = 0; j < shape.y(); j++) {
        int first = start + j * strides[1] + k * strides[2];
        for (int i = 0; i < shape.x(); i++) {
          voxels[at++] = from[first + i * strides[0]];
        }
      }
    }
    return voxels;
  }
}
