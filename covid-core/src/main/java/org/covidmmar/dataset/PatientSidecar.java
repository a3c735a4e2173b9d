package org.covidmmar.dataset;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.covidmmar.CovidException;
import org.covidmmar.StrictJson;

/** The JSON file {@code <name>.json} that may stand beside an image {@code <name>.nii.gz}. */
public final class PatientSidecar {
  /** A text that is the same for all scans of a patient and does not say who it is. */
  public static final String PATIENT_HASH = "patientHash";

  private static final long MOST_BYTES = 1 << 20;

  private PatientSidecar() {}

  /** Where an image's sidecar is, if it has one. */
  public static Path of(Path image) {
    return image.resolveSibling(CaseIds.stem(image) + ".json");
  }

  /**
   * Tells the patients of images apart.
   *
   * @return null where the image has no sidecar, or one that does not know
   * @throws CovidException where it can't be read
   */
  static String patientHash(Path image) {
    Path file = of(image);
    if (!Files.isRegularFile(file)) {
      return null;
    }
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw unreadable(file, "has more than " + MOST_BYTES + " bytes", null);
      }
      JsonNode hash = StrictJson.MAPPER.readTree(Files.readAllBytes(file)).path(PATIENT_HASH);
      return hash.isTextual() && !hash.textValue().isBlank() ? hash.textValue().strip() : null;
    } catch (IOException e) {
      // Not what it quotes: a sidecar of another tool may name the patient.
      throw unreadable(file, "cannot be read as JSON", e);
    }
  }

  private static CovidException unreadable(Path file, String problem, IOException cause) {
    return new CovidException(
        file.toString(),
        problem + ", so it is not known whether its patient is in another list too",
        "convert the scan anew, or delete the file",
        cause);
  }
}
