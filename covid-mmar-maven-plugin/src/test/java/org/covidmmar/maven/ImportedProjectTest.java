package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.apache.maven.model.Model;
import org.apache.maven.model.Plugin;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.codehaus.plexus.configuration.xml.XmlPlexusConfiguration;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.covidmmar.mmar.MmarExperiment;
import org.covidmmar.transform.CropForeground;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.transform.RandZoom;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Test;

/** The pom that import writes means what the MMAR means. */
class ImportedProjectTest {
  private static final List<Step> STEPS =
      List.of(
          new Orient(),
          new CropForeground(5, true, 1),
          new Resize(new Shape(96, 64, 32), ResizeMode.AREA),
          new RandZoom(0.25, PerAxis.all(0.8), new PerAxis(1.1, 1.2, 1.3)));

  private static MmarExperiment experiment(String dataRoot, List<Step> steps) {
    TreeMap<Setting, MmarExperiment.Value> settings = new TreeMap<>();
    settings.put(Setting.DATA_ROOT, new MmarExperiment.Value(dataRoot, "a -- b: <c>"));
    settings.put(Setting.EXPERIMENT, new MmarExperiment.Value("lungs & more", "the MMAR"));
    settings.put(Setting.LEARNING_RATE, new MmarExperiment.Value("3.0E-6", ""));
    return new MmarExperiment(Path.of("config_train.json"), settings, steps, List.of("a note"));
  }

  private static ImportedProject project(MmarExperiment experiment) {
    return new ImportedProject("org.example", "lungs", "1.0", "0.1.0", experiment);
  }

  private static Model model(MmarExperiment experiment) throws Exception {
    return new MavenXpp3Reader().read(new StringReader(project(experiment).pom()));
  }

  private static ExperimentConfig ofMmar(MmarExperiment experiment) {
    Map<String, String> texts = new HashMap<>();
    experiment.settings().forEach((setting, value) -> texts.put(setting.property(), value.text()));
    return ExperimentConfig.of(Settings.of(texts), "other", experiment.preTransforms());
  }

  private static ExperimentConfig ofPom(Model model) {
    Properties properties = model.getProperties();
    Map<String, String> texts = new HashMap<>();
    properties.stringPropertyNames().forEach(name -> texts.put(name, properties.getProperty(name)));
    Plugin plugin = model.getBuild().getPlugins().get(0);
    Xpp3Dom configuration = (Xpp3Dom) plugin.getConfiguration();
    List<Step> steps =
        configuration == null
            ? null
            : PreTransforms.read(
                new XmlPlexusConfiguration(configuration.getChild("preTransforms")));
    return ExperimentConfig.of(Settings.of(texts), "other", steps);
  }

  @Test
  void thePomMeansWhatTheMmarMeans() throws Exception {
    for (MmarExperiment experiment :
        List.of(experiment("/a <b> & \"c\"", null), experiment("/data", STEPS))) {
      Model model = model(experiment);
      assertEquals(ofMmar(experiment), ofPom(model));
      assertEquals("covid-experiment", model.getPackaging());
      assertEquals("0.1.0", model.getBuild().getPlugins().get(0).getVersion());
    }
  }

  @Test
  void nothingOfAnMmarIsReplacedByMaven() {
    MmarExperiment experiment = experiment("${env.HOME}", null);
    assertThrows(CovidException.class, () -> project(experiment).pom());
  }

  @Test
  void theReadmeSaysWhatIsNotSo() {
    String readme = project(experiment("/data", null)).readme();
    assertTrue(readme.contains("- a note"), readme);
    assertTrue(readme.contains("not for diagnosis"), readme);
  }
}
