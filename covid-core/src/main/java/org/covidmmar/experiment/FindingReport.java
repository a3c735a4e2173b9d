package org.covidmmar.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.dataset.Dataset;
import org.covidmmar.dataset.Finding;

/**
 * Tells the findings of a check: all of them in a file; on the screen as many of each kind as one
 * cares to read.
 *
 * @param shown gives a file the name that it has for the user
 */
record FindingReport(Dataset dataset, List<Finding> findings, Function<Path, String> shown) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Of a kind, in the table. */
  private static final int ROWS = 5;

  /** Of a kind, in the refusal. */
  private static final int REFUSED = 20;

  /** Writes all of them as a JSON list. */
  void write(Path file) {
    ArrayNode list = JSON.createArrayNode();
    for (Finding f : findings) {
      ObjectNode node = list.addObject();
      node.put("severity", f.severity().word());
      node.put("kind", f.kind().word());
      node.put("place", f.where().toString());
      node.put("list", f.where().list());
      node.put("case", f.where().caseId());
      node.put("file", f.file() == null ? null : shown.apply(f.file()));
      node.put("found", f.found());
      node.put("expected", f.expected());
      node.put("remedy", f.remedy());
    }
    AtomicFiles.writeString(file, list.toPrettyString() + "\n");
  }

  private String count(Predicate<Finding> which, String word) {
    long count = findings.stream().filter(which).count();
    return count + " " + word + (count == 1 ? "" : "s");
  }

  /** The first findings of each kind, and how many there are. */
  Message table() {
    if (findings.isEmpty()) {
      return new Message.Line("nothing is wrong or unusual");
    }
    List<List<String>> rows = new ArrayList<>();
    for (List<Finding> same : byKind(f -> true)) {
      for (Finding f : same.subList(0, Math.min(ROWS, same.size()))) {
        rows.add(
            List.of(
                f.severity().word(),
                f.kind().word(),
                f.where().caseId() == null ? "" : f.where().caseId(),
                f.where().toString(),
                f.found()));
      }
      if (same.size() > ROWS) {
        Finding f = same.get(0);
        String more = "and " + (same.size() - ROWS) + " more";
        rows.add(List.of(f.severity().word(), f.kind().word(), "", "", more));
      }
    }
    return new Message.Table(
        count(Finding::isError, "error") + ", " + count(f -> !f.isError(), "warning"),
        List.of("severity", "kind", "case", "place", "found"),
        rows);
  }

  /** A warning for each kind that stops nothing: the first of it, and what to do. */
  List<String> warnings() {
    return byKind(f -> !f.isError()).stream()
        .map(
            same -> {
              CovidException first = same.get(0).exception(dataset.file());
              String more = same.size() > 1 ? " (the first of " + same.size() + ")" : "";
              return same.get(0).kind().word() + more + ": " + first.getMessage();
            })
        .toList();
  }

  /**
   * Refuses the dataset where there are errors.
   *
   * @param file that has all findings
   * @throws CovidException listing them
   */
  void refuse(Path file) {
    List<CovidException> problems = new ArrayList<>();
    for (List<Finding> same : byKind(Finding::isError)) {
      same.stream()
          .limit(REFUSED)
          .forEach(finding -> problems.add(finding.exception(dataset.file())));
      if (same.size() > REFUSED) {
        problems.add(
            new CovidException(
                dataset.file().toString(),
                same.size() - REFUSED + " more findings of the kind " + same.get(0).kind().word(),
                "see them in " + file));
      }
    }
    if (!problems.isEmpty()) {
      throw CovidException.all(dataset.file().toString(), problems);
    }
  }

  /** Findings of equal severity and kind together, in the order of the first of each. */
  private List<List<Finding>> byKind(Predicate<Finding> which) {
    List<List<Finding>> all = new ArrayList<>();
    for (Finding.Severity severity : Finding.Severity.values()) {
      Map<Finding.Kind, List<Finding>> kinds = new EnumMap<>(Finding.Kind.class);
      findings.stream()
          .filter(f -> f.severity() == severity && which.test(f))
          .forEach(f -> kinds.computeIfAbsent(f.kind(), k -> new ArrayList<>()).add(f));
      all.addAll(kinds.values());
    }
    return all;
  }
}
