package org.covidmmar.experiment;

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
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.evaluation.EvaluationFiles;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.ModelConfig;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One model with the order of either recipe, on scans of which the range clips a part. */
class CompareRecipesTest {
  @TempDir static Path basedir;
  private static Path model;
  private TinyStudy study;

  @BeforeAll
  static void train() {
    TinyStudy trained = study();
    trained.run(Main.Goal.TRAIN);
    model = ModelSource.inRun(trained.lastPath());
  }

  private static TinyStudy study() {
    return new TinyStudy(basedir).set("covid.intensityRange", "-800,-500");
  }

  @BeforeEach
  void begin() {
    study = study();
  }

  /** Probabilities by an evaluation of the same weights with a record that says otherwise. */
  private List<ScoredCase> evaluated(String name, ExperimentConfig.Preprocessing preprocessing)
      throws IOException {
    Path copy = Files.createDirectories(basedir.resolve(name)).resolve("model.safetensors");
    Files.copy(model, copy);
    ModelConfig own = ModelConfig.read(ModelConfig.beside(model));
    new ModelConfig(own.architecture(), preprocessing, own.use()).write(ModelConfig.beside(copy));
    new TinyStudy(basedir)
        .set("covid.model", copy.toString())
        .set("covid.recipe", preprocessing.recipe())
        .set("covid.intensityRange", preprocessing.low() + "," + preprocessing.high())
        .set("covid.output", name)
        .run(Main.Goal.VALIDATE);
    return EvaluationFiles.readPredictions(basedir.resolve(name + "/predictions.csv"));
  }

  private List<String> csv() throws IOException {
    return Files.readAllLines(basedir.resolve("target/covid/compare/recipes.csv"));
  }

  private static String row(ScoredCase first, ScoredCase second) {
    return String.join(
        ",",
        first.id(),
        first.image(),
        first.label().toString(),
        EvaluationFiles.shortest(first.pCovid()),
        EvaluationFiles.shortest(second.pCovid()));
  }

  @Test
  void eachOrderGivesWhatAModelOfThatOrderGives() throws IOException {
    study.set("covid.compare.recipes", "mmar,naturecomm").run(Main.Goal.COMPARE);
    ExperimentConfig.Preprocessing own =
        ModelConfig.read(ModelConfig.beside(model)).preprocessing();
    List<ScoredCase> mmar = evaluated("as-it-is", own);
    List<ScoredCase> naturecomm = evaluated("turned", own.withRecipe("naturecomm"));
    List<String> rows = csv();
    assertEquals("id,image,label,p_covid_mmar,p_covid_naturecomm", rows.get(0));
    assertEquals(mmar.size() + 1, rows.size());
    for (int i = 0; i < mmar.size(); i++) {
      assertEquals(row(mmar.get(i), naturecomm.get(i)), rows.get(i + 1));
    }
    assertFalse(mmar.equals(naturecomm), "clipping first or last makes no difference");

    JsonNode outcome =
        new ObjectMapper().readTree(basedir.resolve("target/covid/compare/recipes.json").toFile());
    assertEquals("mmar", outcome.get("trainedWith").textValue());
    assertEquals("validation", outcome.get("list").textValue());
    assertEquals(
        List.of("Orient", "ScaleIntensityRange", "CropForeground", "Resize"),
        outcome.at("/steps/mmar").findValuesAsText("name"));
    assertEquals(
        List.of("Orient", "CropForeground", "Resize", "ScaleIntensityRange"),
        outcome.at("/steps/naturecomm").findValuesAsText("name"));
    assertEquals(2, outcome.at("/areas/positives").intValue());
    Message.Table table =
        (Message.Table)
            study.messages.stream().filter(Message.Table.class::isInstance).findFirst().get();
    assertEquals(List.of("figure", "mmar", "naturecomm", "naturecomm - mmar"), table.header());
    assertTrue(table.title().contains("trained with the recipe: mmar"), table.title());
    String page = Files.readString(study.lastPath());
    assertTrue(page.contains("not for diagnosis"));
    assertTrue(page.contains("paired test of DeLong"));

    study.set("covid.compare.recipes", "naturecomm,mmar").run(Main.Goal.COMPARE);
    assertEquals(row(naturecomm.get(0), mmar.get(0)), csv().get(1));
  }

  @Test
  void withoutClippingTheOrdersAreAlikeButForRounding() throws IOException {
    ExperimentConfig.Preprocessing own =
        ModelConfig.read(ModelConfig.beside(model)).preprocessing();
    ExperimentConfig.Preprocessing wide =
        new ExperimentConfig.Preprocessing(
            "mmar", own.inputShape(), own.resize(), -1000, 500, own.augmentation(), null);
    List<ScoredCase> mmar = evaluated("wide", wide);
    List<ScoredCase> naturecomm = evaluated("wide-turned", wide.withRecipe("naturecomm"));
    for (int i = 0; i < mmar.size(); i++) {
      assertEquals(mmar.get(i).pCovid(), naturecomm.get(i).pCovid(), 1e-4);
    }
  }

  private CovidException refused() {
    return assertThrows(CovidException.class, () -> study.run(Main.Goal.COMPARE));
  }

  @Test
  void oneRecipeTwoRunsAndASpelledOutPipelineAreRefused() throws IOException {
    study.set("covid.compare.recipes", "mmar");
    assertTrue(refused().problem().contains("two of mmar, naturecomm"));
    study.set("covid.compare.recipes", "mmar,naturecomm").set("covid.run", "a,b");
    assertEquals("covid.compare.recipes", refused().subject());

    ModelConfig own = ModelConfig.read(ModelConfig.beside(model));
    ExperimentConfig.Preprocessing p = own.preprocessing();
    Path copy = Files.createDirectories(basedir.resolve("spelled")).resolve("model.safetensors");
    Files.copy(model, copy);
    new ModelConfig(
            own.architecture(),
            new ExperimentConfig.Preprocessing(
                p.recipe(),
                p.inputShape(),
                p.resize(),
                p.low(),
                p.high(),
                p.augmentation(),
                p.pipeline().steps()),
            own.use())
        .write(ModelConfig.beside(copy));
    study = new TinyStudy(basedir).set("covid.compare.recipes", "mmar,naturecomm");
    study.set("covid.model", copy.toString()).set("covid.intensityRange", "-800,-500");
    assertTrue(refused().problem().contains("spelled out"));
  }
}
