package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example experiment, as its pom has it, learns whatever its seed. */
@Tag("long")
class ExampleLearnsTest {
  private static final Pattern PROPERTY = Pattern.compile("<(covid\\.[\\w.]+)>([^<]*)</\\1>");

  @TempDir Path basedir;

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2})
  void heldOutAucIsAtLeast095(long seed) throws IOException {
    Map<String, String> properties = new HashMap<>();
    Matcher matcher = PROPERTY.matcher(Files.readString(Path.of("../example-experiment/pom.xml")));
    while (matcher.find()) {
      properties.put(matcher.group(1), matcher.group(2));
    }
    properties.put(Setting.SEED.property(), Long.toString(seed));
    // libtorch takes its threads once, and all tests share a JVM.
    properties.put(Setting.THREADS.property(), "2");
    properties.put(Setting.PHANTOM_SEED.property(), Long.toString(seed));
    ExperimentConfig config = ExperimentConfig.of(Settings.of(properties), "example", null);
    for (Main.Goal goal :
        new Main.Goal[] {Main.Goal.PHANTOM, Main.Goal.TRAIN, Main.Goal.VALIDATE}) {
      goal.run(new Request(config, basedir, Map.of()), true, message -> {});
    }
    Path runs = basedir.resolve("mlruns/1");
    try (var files = Files.walk(runs)) {
      Path evaluation = files.filter(f -> f.endsWith("evaluation.json")).findFirst().orElseThrow();
      JsonNode auc = new ObjectMapper().readTree(evaluation.toFile()).path("auc").path("value");
      System.out.println("example, seed " + seed + ": held-out AUC " + auc);
      assertTrue(auc.asDouble() >= 0.95, "seed " + seed + ": " + auc);
    }
  }
}
