package org.covidmmar.tracking;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import org.covidmmar.AtomicFiles;
import org.covidmmar.evaluation.ScoredCase;

/** The evaluated cases of a run as MLflow's pages show tables, beside those of other runs. */
public final class EvaluationTable {
  private static final String FILE = "eval_table.json";
  private static final JsonMapper JSON = new JsonMapper();

  private EvaluationTable() {}

  /**
   * Writes the table into a run and says so in its tags.
   *
   * @param run the run's folder
   */
  public static void write(Path run, List<ScoredCase> cases, float threshold) {
    ObjectNode table = JSON.createObjectNode();
    ArrayNode columns = table.putArray("columns");
    List.of("id", "p_covid", "predicted", "label").forEach(columns::add);
    ArrayNode data = table.putArray("data");
    for (ScoredCase c : cases) {
      data.addArray().add(c.id()).add(c.pCovid()).add(c.predicted(threshold)).add(c.label());
    }
    AtomicFiles.writeString(run.resolve("artifacts").resolve(FILE), table + "\n");
    ArrayNode tables = JSON.createArrayNode();
    tables.addObject().put("path", FILE).put("type", "table");
    RunJournal.tag(run, "mlflow.loggedArtifacts", tables.toString());
  }
}
