package org.covidmmar.io.dicom;

import java.io.IOException;

/** Bytes that are no DICOM data set, or one that is damaged: what is wrong, and where. */
final class DicomFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  DicomFormatException(String message) {
    super(message);
  }
}
