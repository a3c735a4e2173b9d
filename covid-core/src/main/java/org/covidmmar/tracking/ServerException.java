package org.covidmmar.tracking;

/** An MLflow server that cannot be reached, or refuses. What was to be sent is sent later. */
public final class ServerException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;

  private final int status;

  /**
   * @param status HTTP's, or 0 where there was no answer
   * @param message in words, without secrets
   */
  ServerException(int status, String message, Throwable cause) {
    super(message, cause);
    this.status = status;
  }

  int status() {
    return status;
  }

  /** Whether asking again at once is in vain: someone must let us in first. */
  public boolean isAboutAccess() {
    return status == UNAUTHORIZED || status == FORBIDDEN;
  }
}
