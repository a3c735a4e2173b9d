package org.covidmmar.evaluation;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.covidmmar.Peers;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("peers")
class EvaluationPeersTest {
  @TempDir Path folder;

  @Test
  void equalsScikitLearnOnRandomCases() throws IOException {
    ObjectMapper json = new ObjectMapper();
    ArrayNode inputs = json.createArrayNode();
    List<List<ScoredCase>> sets = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      List<ScoredCase> cases =
          EvaluationTest.random(new Seeds(77).child(i), 2 + i * 3, i % 3 == 0 ? 6 : 1 << 20);
      sets.add(cases);
      ObjectNode input = inputs.addObject().put("threshold", 0.1f * (i % 10));
      ArrayNode scores = input.putArray("scores");
      ArrayNode labels = input.putArray("labels");
      for (ScoredCase c : cases) {
        scores.add((double) c.pCovid());
        labels.add(c.label());
      }
    }
    Path file = folder.resolve("cases.json");
    json.writeValue(file.toFile(), inputs);
    JsonNode expected = json.readTree(Peers.run("evaluation_peer.py", file.toString()));
    for (int i = 0; i < sets.size(); i++) {
      Figures.assertSame(expected.get(i), sets.get(i), 0.1f * (i % 10), "set " + i);
    }
  }
}
