package org.covidmmar.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.csv.CsvMapper;
import com.fasterxml.jackson.dataformat.csv.CsvSchema;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Csv;

/**
 * Writes evaluations and predictions. The files are UTF-8 with lines ended by a line feed, the same
 * bytes on every platform and in every locale.
 */
public final class EvaluationFiles {
  private static final ObjectWriter JSON =
      new ObjectMapper()
          .writer(
              new DefaultPrettyPrinter()
                  .withObjectIndenter(new DefaultIndenter("  ", "\n"))
                  .withArrayIndenter(new DefaultIndenter("  ", "\n")));

  private static final ObjectMapper READER = new ObjectMapper();

  private EvaluationFiles() {}

  /**
   * Evaluates and writes {@code evaluation.json}, {@code predictions.csv} and {@code roc.csv} into
   * a folder.
   *
   * @return what evaluation.json holds
   */
  public static Evaluation write(Path folder, List<ScoredCase> cases, float threshold) {
    Evaluation evaluation = Evaluation.of(cases, threshold);
    writePredictions(folder.resolve("predictions.csv"), cases, threshold);
    writeRoc(folder.resolve("roc.csv"), RocCurve.of(cases));
    AtomicFiles.write(
        folder.resolve("evaluation.json"),
        out -> {
          out.write(JSON.writeValueAsBytes(evaluation));
          out.write('\n');
        });
    return evaluation;
  }

  /**
   * Reads an {@code evaluation.json} that {@link #write} wrote.
   *
   * @throws CovidException where it is missing or is none
   */
  public static Evaluation readEvaluation(Path file) {
    try {
      Evaluation evaluation = READER.readValue(Files.readAllBytes(file), Evaluation.class);
      if (evaluation == null || evaluation.confusion() == null || evaluation.auc() == null) {
        throw new IOException("a part of it is missing");
      }
      return evaluation;
    } catch (IOException e) {
      throw new CovidException(
          file.toString(), "is no evaluation: " + e.getMessage(), "run covid:validate again", e);
    }
  }

  /**
   * Writes one line a case, in the order given: {@code id,image,p_non_covid,p_covid,predicted,
   * label}, after a header with these names. The label is empty where unknown. Text holding a
   * comma, a quote or a line break is quoted as RFC 4180 has it; nothing else is changed.
   */
  public static void writePredictions(Path file, List<ScoredCase> cases, float threshold) {
    AtomicFiles.writeString(file, predictions(cases, threshold));
  }

  /** The text that {@link #writePredictions} writes. */
  public static String predictions(List<ScoredCase> cases, float threshold) {
    StringBuilder csv = new StringBuilder("id,image,p_non_covid,p_covid,predicted,label\n");
    for (ScoredCase c : cases) {
      csv.append(Csv.quoted(c.id())).append(',').append(Csv.quoted(c.image())).append(',');
      csv.append(shortest(c.pNonCovid())).append(',').append(shortest(c.pCovid())).append(',');
      csv.append(c.predicted(threshold)).append(',');
      csv.append(c.label() == null ? "" : c.label()).append('\n');
    }
    return csv.toString();
  }

  /**
   * Writes one line a case as an MMAR does, {@code path,p_non_covid,p_covid}, in the order given
   * and without a header.
   *
   * @param images their paths, in the order of the cases
   */
  public static void writeMmarPredictions(Path file, List<Path> images, List<ScoredCase> cases) {
    StringBuilder csv = new StringBuilder();
    for (int i = 0; i < cases.size(); i++) {
      csv.append(
          Csv.line(
              List.of(
                  images.get(i).toString(),
                  shortest(cases.get(i).pNonCovid()),
                  shortest(cases.get(i).pCovid()))));
    }
    AtomicFiles.writeString(file, csv.toString());
  }

  /**
   * Writes one line a point, {@code threshold,fpr,tpr}, after a header with these names. The first
   * threshold is {@code inf}; a rate is empty where its class has no case.
   */
  public static void writeRoc(Path file, RocCurve roc) {
    StringBuilder csv = new StringBuilder("threshold,fpr,tpr\n");
    for (RocCurve.Point p : roc.points()) {
      csv.append(Float.isInfinite(p.threshold()) ? "inf" : shortest(p.threshold())).append(',');
      csv.append(text(roc.falsePositiveRate(p))).append(',');
      csv.append(text(roc.truePositiveRate(p))).append('\n');
    }
    AtomicFiles.writeString(file, csv.toString());
  }

  /**
   * Reads what {@link #writePredictions} wrote.
   *
   * @throws CovidException where the file is none of these
   */
  public static List<ScoredCase> readPredictions(Path file) {
    try (MappingIterator<PredictionRow> rows =
        new CsvMapper()
            .readerFor(PredictionRow.class)
            .with(CsvSchema.emptySchema().withHeader())
            .readValues(file.toFile())) {
      return rows.readAll().stream().map(PredictionRow::scored).toList();
    } catch (JsonProcessingException e) {
      throw noPredictions(file, e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw noPredictions(file, e.toString(), e);
    } catch (CovidException e) {
      throw noPredictions(file, e.subject() + ": " + e.problem(), e);
    }
  }

  /** A line of predictions.csv. */
  private record PredictionRow(
      @JsonProperty(value = "id", required = true) String id,
      @JsonProperty(value = "image", required = true) String image,
      @JsonProperty(value = "p_non_covid", required = true) float pNonCovid,
      @JsonProperty(value = "p_covid", required = true) float pCovid,
      @JsonProperty("predicted") int predicted,
      @JsonProperty("label") String label) {

    ScoredCase scored() {
      return new ScoredCase(
          id, image, pNonCovid, pCovid, label == null || label.isEmpty() ? null : label(label));
    }

    private Integer label(String text) {
      if (!text.equals("0") && !text.equals("1")) {
        throw new CovidException(
            "case " + id, "label 0 or 1 expected, found " + text, "correct the label");
      }
      return Integer.valueOf(text);
    }
  }

  private static CovidException noPredictions(Path file, String reason, Exception cause) {
    return new CovidException(
        file.toString(), "is no list of predictions: " + reason, "run covid:validate again", cause);
  }

  private static String text(OptionalDouble rate) {
    return rate.isEmpty() ? "" : Double.toString(rate.getAsDouble());
  }

  /**
   * The decimal number of fewest digits that reads back as the same float32. Float.toString of Java
   * 17 sometimes gives more digits than later ones do.
   */
  public static String shortest(float value) {
    BigDecimal exact = new BigDecimal(value);
    for (int digits = 1; ; digits++) {
      BigDecimal rounded = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
      if (rounded.floatValue() == value) {
        return rounded.stripTrailingZeros().toString();
      }
    }
  }
}
