package org.covidmmar.experiment;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
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

/**
 * The example experiment, as its pom has it, learns whatever its seed, and whatever the instruction
 * set: that of the processor, or of {@code ATEN_CPU_CAPABILITY} and the like where they are set.
 */
@Tag("long")
class ExampleLearnsTest {
  private static final Pattern PROPERTY = Pattern.compile("<(covid\\.[\\w.]+)>([^<]*)</\\1>");

  @TempDir Path basedir;

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
  void itIsRightOnTheHeldOutList(long seed) throws IOException {
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
    JsonNode evaluation = evaluation();
    double auc = evaluation.path("auc").path("value").asDouble();
    double accuracy = evaluation.path("accuracy").path("value").asDouble();
    String found =
        String.format(Locale.ROOT, "seed %d: AUC %.4f, accuracy %.4f", seed, auc, accuracy);
    System.out.println("example on its held-out list, " + found);
    assertTrue(auc >= 0.95 && accuracy >= 0.85, found);
  }

  private JsonNode evaluation() throws IOException {
    try (var files = Files.walk(basedir.resolve("mlruns/1"))) {
      Path file = files.filter(f -> f.endsWith("evaluation.json")).findFirst().orElseThrow();
      return new ObjectMapper().readTree(file.toFile());
    }
  }
}
