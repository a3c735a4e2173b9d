package org.covidmmar;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Something the user can mend: which file or property it is about, what is wrong there (expected
 * and found), and what to do. Shown without a stack trace.
 */
public final class CovidException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String subject;
  private final String problem;
  private final String remedy;

  /**
   * @param subject the property, list or case at fault, as the user wrote it
   * @param problem what was expected and what was found
   * @param remedy what to do about it, as an imperative sentence
   */
  public CovidException(String subject, String problem, String remedy) {
    this(subject, problem, remedy, null);
  }

  /** As {@link #CovidException(String, String, String)}, about a file. */
  public CovidException(Path file, String problem, String remedy) {
    this(file.toString(), problem, remedy, null);
  }

  /** As {@link #CovidException(String, String, String)}, keeping the cause for debug output. */
  public CovidException(String subject, String problem, String remedy, Throwable cause) {
    super(
        subject + ": " + problem + System.lineSeparator() + "  -> " + remedy(remedy, cause), cause);
    this.subject = subject;
    this.problem = problem;
    this.remedy = remedy(remedy, cause);
  }

  /** Whatever was to be opened, the limit is what must be mended. */
  private static String remedy(String remedy, Throwable cause) {
    for (Throwable c = cause; c != null; c = c.getCause()) {
      if (c instanceof IOException
          && c.getMessage() != null
          && c.getMessage().contains("Too many open files")) {
        return "raise the limit of open files (ulimit -n 4096), then run it again";
      }
    }
    return remedy;
  }

  /**
   * One exception that lists several, so that a user mends all of them at once.
   *
   * @param subject what was checked
   * @param problems at least one
   */
  public static CovidException all(String subject, List<CovidException> problems) {
    if (problems.size() == 1) {
      return problems.get(0);
    }
    return new CovidException(
        subject,
        problems.size()
            + " problems:"
            + problems.stream()
                .map(CovidException::getMessage)
                .collect(
                    Collectors.joining(
                        System.lineSeparator() + "- ", System.lineSeparator() + "- ", "")),
        "mend each of them as said beside it, then run the goal again");
  }

  public String subject() {
    return subject;
  }

  public String problem() {
    return problem;
  }

  public String remedy() {
    return remedy;
  }
}
