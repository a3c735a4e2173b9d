package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.dataset.Finding.Where;
import org.covidmmar.volume.Shape;

/** Whether voxels are those of a lung mask: 0 for background, up to five labels above it. */
final class MaskValues {
  /** Five lobes: a lung segmentation has no more labels. */
  private static final int MOST_LABELS = 5;

  private static final String REMEDY =
      "write 1 for lung and 0 for background (threshold an interpolated mask at half)";

  private final int[] labels = new int[MOST_LABELS];
  private int count;
  private float last;
  private long lung;
  private float strange;
  private int strangeAt = -1;

  /**
   * Takes a voxel that is not 0.
   *
   * @return whether it may be a mask's, and all before it
   */
  boolean add(float value, int index) {
    if (value == last) {
      lung++;
      return true;
    }
    return addOther(value, index);
  }

  private boolean addOther(float value, int index) {
    int label = (int) value;
    int at = 0;
    while (at < count && labels[at] != label) {
      at++;
    }
    if (strangeAt >= 0 || label != value || label < 0 || at == MOST_LABELS) {
      if (strangeAt < 0) {
        strangeAt = index;
        strange = value;
      }
      return false;
    }
    if (at == count) {
      labels[count++] = label;
    }
    last = value;
    lung++;
    return true;
  }

  /** Whether every voxel so far may be a mask's. */
  boolean areOfAMask() {
    return strangeAt < 0;
  }

  /** Labels besides 0. */
  int labels() {
    return count;
  }

  /** Voxels that are not 0. */
  long lung() {
    return lung;
  }

  /** What keeps the file from being a lung mask; null where nothing does. */
  Finding finding(Path file, Shape shape) {
    if (strangeAt >= 0) {
      boolean label = strange == (int) strange && strange > 0;
      return Finding.error(
          Kind.MASK_VALUES,
          Where.NOWHERE,
          file,
          label
              ? "has more than "
                  + MOST_LABELS
                  + " labels ("
                  + (int) strange
                  + " at "
                  + place(strangeAt, shape)
                  + "), which no lung mask has"
              : "is not a mask: value " + strange + " at " + place(strangeAt, shape),
          "0 for background and whole numbers above 0 for lung",
          REMEDY);
    }
    if (lung == 0) {
      return Finding.error(
          Kind.MASK_EMPTY,
          Where.NOWHERE,
          file,
          "the mask is empty: no voxel is lung",
          null,
          "segment the image again, or leave it out");
    }
    return null;
  }

  /** The labels in ascending order, for messages. */
  @Override
  public String toString() {
    return IntStream.of(labels)
        .limit(count)
        .sorted()
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", "));
  }

  /** A voxel's indices, for messages. */
  static String place(int index, Shape shape) {
    return "voxel "
        + index % shape.x()
        + ","
        + index / shape.x() % shape.y()
        + ","
        + index / shape.x() / shape.y();
  }
}
