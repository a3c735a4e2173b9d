package org.covidmmar.mmar;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.evaluation.Estimate;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.inference.ModelConfig;
import org.covidmmar.provenance.Provenance;

/**
 * What a reader must know of a model before using it, as Markdown.
 *
 * @param coordinates null where it is published under none
 * @param evaluation null where it was not evaluated
 * @param sha256 of the weights
 */
record ModelCard(
    String coordinates,
    ModelConfig model,
    Provenance provenance,
    Evaluation evaluation,
    String sha256) {

  String text() {
    return """
        # %s

        > %s

        A 3-D %s that gives a chest CT two probabilities: class 0, non-COVID, and class 1, COVID.

        | | |
        |---|---|
        | coordinates | %s |
        | weights | `%s`, SHA-256 `%s` |
        | input | %s |
        | output | two probabilities that add up to 1 |

        ## Use

        For research on the classification of chest CT, as a model to compare with and as weights to fine-tune from.
        It must not be used to diagnose, to triage or to decide on treatment.

        ## Data

        %s
        Every file's SHA-256 is in `%s`.

        ## Training

        %s
        ## Figures

        %s
        ## Limits

        - The figures hold for scans like those counted above: the same scanners, protocols, patients and way of
          labelling. Elsewhere they may be worse by any amount.
        - Where the validation list chose the best epoch, its figures flatter the model; those of a list that took no
          part in training do not.
        - The probabilities are those of the network. Whether they are calibrated was not examined.
        - A lung mask that leaves out diseased parts of the lung hides them from the network.
        - Classes are those of the labels: other pneumonias than COVID-19 may look alike and be called COVID.

        ## Provenance

        %s"""
        .formatted(
            inline(coordinates != null ? coordinates : provenance.config().experiment()),
            model.use(),
            model.architecture(),
            coordinates != null ? inline(coordinates) : "none",
            MmarArchive.WEIGHTS,
            sha256,
            input(),
            data(),
            MmarArchive.PROVENANCE,
            training(),
            figures(),
            provenanceRows());
  }

  private String input() {
    ExperimentConfig.Preprocessing p = model.preprocessing();
    String steps =
        p.preTransforms() != null
            ? "prepared by the steps in `" + MmarArchive.MODEL_CONFIG + "`"
            : "cropped to the lung mask, resized to %s voxels (%s), %s to %s HU scaled to 0 to 1 (recipe %s)"
                .formatted(p.inputShape(), p.resize(), plain(p.low()), plain(p.high()), p.recipe());
    return "CT in HU, " + steps;
  }

  private static String plain(double hu) {
    return BigDecimal.valueOf(hu).stripTrailingZeros().toPlainString();
  }

  private String data() {
    SortedMap<String, int[]> counts = new TreeMap<>();
    for (Provenance.CaseFingerprint c : provenance.data()) {
      int column = c.label() == null ? 2 : c.label();
      counts.computeIfAbsent(c.list(), list -> new int[3])[column]++;
    }
    List<List<String>> rows = new ArrayList<>();
    counts.forEach(
        (list, n) -> rows.add(List.of(inline(list), number(n[0]), number(n[1]), number(n[2]))));
    return table(List.of("list", "non-COVID", "COVID", "unlabelled"), rows);
  }

  private static String number(int n) {
    return Integer.toString(n);
  }

  private String training() {
    ExperimentConfig c = provenance.config();
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("started from", startedFrom(c.network())));
    rows.add(List.of("epochs", number(c.training().epochs())));
    rows.add(List.of("cases in a batch", number(c.training().batchSize())));
    rows.add(List.of("batches an update", number(c.training().accumulate())));
    if (provenance.replicaCount() > 1) {
      rows.add(List.of("replicas of the network", number(provenance.replicaCount())));
    }
    rows.add(
        List.of(
            "optimizer",
            "%s, learning rate %s (%s), weight decay %s"
                .formatted(
                    c.optimization().optimizer(),
                    c.optimization().learningRate(),
                    inline(c.optimization().lrPolicy()),
                    c.optimization().weightDecay())));
    rows.add(List.of("sampling", c.training().sampling()));
    rows.add(List.of("best epoch by", c.training().keyMetric()));
    rows.add(List.of("seed", Long.toString(c.training().seed())));
    return table(List.of("", ""), rows)
        + "\nAll settings are in `"
        + MmarArchive.EXPERIMENT
        + "`.\n";
  }

  private static String startedFrom(ExperimentConfig.Network network) {
    return network.pretrained() == null
        ? "weights drawn from the seed"
        : inline(network.pretrained()) + (network.drawsHead() ? ", with a new classifier" : "");
  }

  private String figures() {
    if (evaluation == null) {
      return "The model was not evaluated before it was packaged.\n";
    }
    List<List<String>> rows = new ArrayList<>();
    add(rows, "AUC", evaluation.auc());
    add(rows, "accuracy", evaluation.accuracy());
    add(rows, "sensitivity", evaluation.sensitivity());
    add(rows, "specificity", evaluation.specificity());
    add(rows, "PPV", evaluation.ppv());
    add(rows, "NPV", evaluation.npv());
    add(rows, "F1", evaluation.f1());
    add(rows, "Brier score", evaluation.brier());
    return "%s labelled cases, threshold %s; `%s` has all figures.\n\n%s"
        .formatted(
            number(evaluation.n()),
            evaluation.threshold(),
            MmarArchive.EVALUATION,
            table(List.of("figure", "value", "95 % interval"), rows));
  }

  private static void add(List<List<String>> rows, String name, Estimate e) {
    rows.add(
        List.of(
            name,
            e.value() == null ? "undefined: " + e.undefined() : text(e.value()),
            e.low() == null ? "" : text(e.low()) + " to " + text(e.high())));
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  private String provenanceRows() {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("commit", commit(provenance.source())));
    provenance.software().forEach((name, version) -> rows.add(List.of(name, inline(version))));
    Provenance.Hardware hardware = provenance.hardware();
    rows.add(
        List.of(
            "machine",
            "%s, %s threads, %s"
                .formatted(inline(hardware.cpu()), number(hardware.threads()), hardware.device())));
    return table(List.of("", ""), rows);
  }

  private static String commit(Provenance.Source source) {
    if (source == null) {
      return "none: the experiment was in no git checkout";
    }
    int changed = source.dirty().size();
    return inline(source.commit()) + (changed == 0 ? "" : ", " + changed + " changed files");
  }

  private static String table(List<String> header, List<List<String>> rows) {
    StringBuilder table = new StringBuilder();
    table.append(row(header)).append("|").append("---|".repeat(header.size())).append('\n');
    rows.forEach(row -> table.append(row(row)));
    return table.toString();
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /** Text that someone chose, so that Markdown takes it as text, in a table too. */
  private static String inline(String text) {
    return "`" + text.replaceAll("[`|\\p{Cntrl}]", " ").strip() + "`";
  }
}
