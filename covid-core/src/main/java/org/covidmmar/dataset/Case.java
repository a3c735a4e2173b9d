package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.Objects;

/**
 * One scan of a dataset.
 *
 * @param id stable name of the case, unique among the images of its dataset; seeds derive from it
 * @param image the CT, a NIfTI file, as an absolute path
 * @param mask its lung mask on the same grid, as an absolute path; null if there is none
 * @param label 0 non-COVID, 1 COVID; null if unknown. A dataset as read may hold other numbers,
 *     which {@link DatasetCheck} refuses
 */
public record Case(String id, Path image, Path mask, Integer label) {
  public Case {
    Objects.requireNonNull(id);
    Objects.requireNonNull(image);
  }

  /** This case with another lung mask. */
  public Case withMask(Path other) {
    return new Case(id, image, other, label);
  }
}
