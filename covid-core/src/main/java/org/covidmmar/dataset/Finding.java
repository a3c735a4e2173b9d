package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.covidmmar.CovidException;

/**
 * Something that is wrong or unusual with a dataset, and what to do about it.
 *
 * @param severity whether it stops the build
 * @param kind what it is
 * @param where what of the dataset it is about; {@link Where#NOWHERE} where only the file is known
 * @param file an image or mask, absolute; null where it is about none
 * @param found what was found
 * @param expected what should have been; null where {@code found} says it all
 * @param remedy what to do, as an imperative sentence
 */
public record Finding(
    Severity severity,
    Kind kind,
    Where where,
    Path file,
    String found,
    String expected,
    String remedy) {

  /** What a finding means for the build. */
  public enum Severity {
    /** Training would fail, or its figures would be silently wrong: the build stops. */
    ERROR,
    /** Unusual: to be looked at. */
    WARNING;

    /** As it is written: {@code error}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What can be found, in the order of the reference. */
  public enum Kind {
    LIST_MISSING,
    LIST_EMPTY,
    FILE_MISSING,
    FILE_UNREADABLE,
    LABEL_MISSING,
    LABEL_RANGE,
    MASK_MISSING,
    MASK_GRID,
    MASK_EMPTY,
    MASK_VALUES,
    MASK_INVERTED,
    MASK_LARGE,
    MASK_SMALL,
    MASK_LABELS,
    SWAPPED,
    NOT_FINITE,
    CONSTANT,
    NOT_HU,
    FEW_SLICES,
    DUPLICATE,
    LEAKAGE,
    PATIENT_LEAKAGE,
    SIDECAR,
    ONE_CLASS,
    RARE_CLASS,
    SETTING,
    MEMORY;

    /** As it is written: {@code mask-empty}. */
    public String word() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }

  /**
   * A place in a dataset.
   *
   * @param list null for none, as of a property
   * @param index of the entry, from 0; null where it is about the whole list
   * @param caseId the entry's case; null without index
   * @param field of the entry, such as label, or a property, such as covid.batchSize; null for none
   */
  public record Where(String list, Integer index, String caseId, String field) {
    /** No place in a dataset. */
    public static final Where NOWHERE = new Where(null, null, null, null);

    static Where list(String list) {
      return new Where(list, null, null, null);
    }

    static Where entry(String list, int index, Case c) {
      return new Where(list, index, c.id(), null);
    }

    /** A property. */
    public static Where property(String name) {
      return new Where(null, null, null, name);
    }

    Where field(String name) {
      return new Where(list, index, caseId, name);
    }

    /** As dataset.json has it: {@code training[3].label}; or the property; empty for nowhere. */
    @Override
    public String toString() {
      String entry = list == null ? "" : index == null ? list : list + "[" + index + "]";
      String dot = entry.isEmpty() || field == null ? "" : ".";
      return entry + dot + (field == null ? "" : field);
    }
  }

  public Finding {
    Objects.requireNonNull(severity);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(where);
    Objects.requireNonNull(found);
    Objects.requireNonNull(remedy);
  }

  static Finding error(
      Kind kind, Where where, Path file, String found, String expected, String remedy) {
    return new Finding(Severity.ERROR, kind, where, file, found, expected, remedy);
  }

  static Finding warning(
      Kind kind, Where where, Path file, String found, String expected, String remedy) {
    return new Finding(Severity.WARNING, kind, where, file, found, expected, remedy);
  }

  /** What a refusal says, as an error. */
  public static Finding of(Kind kind, Where where, Path file, CovidException e) {
    return error(kind, where, file, e.problem(), null, e.remedy());
  }

  /** The finding of a file, where the file is used. */
  Finding at(Where place) {
    return new Finding(severity, kind, place, file, found, expected, remedy);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** What was found, and expected. */
  public String problem() {
    return expected == null ? found : found + "; expected " + expected;
  }

  /**
   * As a refusal.
   *
   * @param dataset the dataset.json; null where the finding is of a file alone
   */
  public CovidException exception(Path dataset) {
    String place = where.toString();
    String subject;
    if (where.list() == null) {
      subject = place.isEmpty() ? String.valueOf(file) : place;
    } else {
      subject = dataset + ": " + place + (file == null ? "" : ": " + file);
    }
    return new CovidException(subject, problem(), remedy);
  }
}
