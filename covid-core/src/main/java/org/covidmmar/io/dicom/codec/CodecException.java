package org.covidmmar.io.dicom.codec;

/** A compressed frame that is damaged, or is not what its data set says: expected and found. */
public final class CodecException extends Exception {
  private static final long serialVersionUID = 1L;

  CodecException(String message) {
    super(message);
  }

  CodecException(String message, Throwable cause) {
    super(message, cause);
  }
}
