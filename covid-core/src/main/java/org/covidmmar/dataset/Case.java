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
 * @param patient the same for all scans of a patient; null if unknown. Never shown: it may be a
 *     name
 */
public record Case(String id, Path image, Path mask, Integer label, String patient) {
  public Case {
    Objects.requireNonNull(id);
    Objects.requireNonNull(image);
  }

  /** A case of an unknown patient. */
  public Case(String id, Path image, Path mask, Integer label) {
    this(id, image, mask, label, null);
  }

  /** This case with another lung mask. */
  public Case withMask(Path other) {
    return new Case(id, image, other, label, patient);
  }

  /** As the others of a record, but for the patient. */
  @Override
  public String toString() {
    return "Case[" + id + ", " + image + ", " + mask + ", " + label + "]";
  }
}
