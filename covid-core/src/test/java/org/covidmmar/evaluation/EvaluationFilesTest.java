package org.covidmmar.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationFilesTest {
  @TempDir Path folder;

  private static final List<ScoredCase> CASES =
      List.of(
          new ScoredCase("a", "a.nii.gz", 0.75f, 0.25f, 0),
          new ScoredCase("b", "b,\"2\".nii.gz", 0.1f, 0.9f, 1),
          new ScoredCase("c", "=c.nii.gz", 1, 1e-7f, 0),
          new ScoredCase("d", "d.nii.gz", 0.5f, 0.5f, null));

  @Test
  void predictionsInAnyLocale() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      EvaluationFiles.writePredictions(folder.resolve("p.csv"), CASES, 0.5f);
    } finally {
      Locale.setDefault(before);
    }
    assertEquals(
        """
        id,image,p_non_covid,p_covid,predicted,label
        a,a.nii.gz,0.75,0.25,0,0
        b,"b,""2"".nii.gz",0.1,0.9,1,1
        c,=c.nii.gz,1,1E-7,0,0
        d,d.nii.gz,0.5,0.5,1,
        """,
        Files.readString(folder.resolve("p.csv")));
  }

  @Test
  void evaluationHoldsEachFigureWithItsInterval() throws IOException {
    EvaluationFiles.write(folder, CASES, 0.5f);
    JsonNode json = new ObjectMapper().readTree(folder.resolve("evaluation.json").toFile());
    assertEquals(3, json.get("n").asInt());
    assertEquals(1, json.get("unlabelled").asInt());
    assertEquals("{\"tn\":2,\"fp\":0,\"fn\":0,\"tp\":1}", json.get("confusion").toString());
    assertEquals(
        "{\"value\":1.0,\"noInterval\":\"a single positive case\"}", json.get("auc").toString());
    for (String name : List.of("accuracy", "sensitivity", "specificity", "ppv", "npv", "f1")) {
      assertEquals(1.0, json.get(name).get("value").asDouble(), name);
      assertEquals(1.0, json.get(name).get("high").asDouble(), name);
      assertTrue(json.get(name).get("low").asDouble() < 1, name);
    }
    for (String name : List.of("brier", "loss")) {
      assertTrue(json.get(name).get("value").asDouble() > 0, name);
      assertFalse(json.get(name).has("low"), name);
    }
    assertEquals(0.5, json.get("threshold").asDouble());
    assertEquals(0.95, json.get("confidence").asDouble());
    assertEquals(
        """
        threshold,fpr,tpr
        inf,0.0,0.0
        0.9,0.0,1.0
        0.25,0.5,1.0
        1E-7,1.0,1.0
        """,
        Files.readString(folder.resolve("roc.csv")));
  }

  @Test
  void oneClassIsUndefinedWithItsReasonAndReadsBack() throws IOException {
    Evaluation written = EvaluationFiles.write(folder, CASES.subList(0, 1), 0.5f);
    ObjectMapper mapper = new ObjectMapper();
    Path file = folder.resolve("evaluation.json");
    assertEquals(
        "{\"value\":null,\"undefined\":\"no positive case\"}",
        mapper.readTree(file.toFile()).get("auc").toString());
    assertFalse(Files.readString(file).contains("NaN"));
    assertEquals(written, mapper.readValue(file.toFile(), Evaluation.class));
    assertEquals(
        "threshold,fpr,tpr\ninf,0.0,\n0.25,1.0,\n", Files.readString(folder.resolve("roc.csv")));
  }

  @Test
  void anEvaluationReadsBackAndADamagedOneIsNamed() throws IOException {
    Path file = folder.resolve("evaluation.json");
    assertEquals(EvaluationFiles.write(folder, CASES, 0.5f), EvaluationFiles.readEvaluation(file));
    for (String damaged : List.of("{\"n\": 3", "{\"n\": 3}", "null", "")) {
      Files.writeString(file, damaged);
      CovidException e =
          assertThrows(CovidException.class, () -> EvaluationFiles.readEvaluation(file));
      assertEquals(file.toString(), e.subject());
    }
  }

  @Test
  void shortestReadsBackAndIsNoLongerThanJavas() {
    UniformRandomProvider random = new Seeds(4).generator();
    for (int i = 0; i < 20_000; i++) {
      float f = i % 2 == 0 ? random.nextFloat() : Float.intBitsToFloat(random.nextInt(0x3f800000));
      String text = EvaluationFiles.shortest(f);
      assertEquals(f, Float.parseFloat(text), text);
      assertTrue(digits(text) <= digits(Float.toString(f)), text);
    }
    assertEquals("0", EvaluationFiles.shortest(0));
    assertEquals("0.002", EvaluationFiles.shortest(0.002f));
    assertEquals("1E-45", EvaluationFiles.shortest(Float.MIN_VALUE));
  }

  private static int digits(String text) {
    String mantissa = text.replaceAll("E.*", "").replace(".", "").replaceAll("^0+", "");
    return mantissa.replaceAll("0+$", "").length();
  }
}
