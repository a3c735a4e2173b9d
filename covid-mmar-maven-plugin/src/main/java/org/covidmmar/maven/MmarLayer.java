package org.covidmmar.maven;

import java.io.File;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.maven.execution.MavenSession;
import org.codehaus.plexus.util.xml.Xpp3Dom;
import org.covidmmar.config.Setting;
import org.covidmmar.maven.GivenValue.Source;
import org.covidmmar.mmar.MmarExperiment;
import org.covidmmar.mmar.MmarReader;
import org.covidmmar.transform.Pipeline;

/** What an MMAR sets: over the pom, under the command line. */
final class MmarLayer {
  private MmarLayer() {}

  /**
   * Reads it.
   *
   * @param mmar its folder; null where there is none, then the result is null
   * @param config a file of its folder config; null for the training's
   * @param set {@code key=value,…} over its files; null for none
   */
  static MmarExperiment read(
      File mmar, String config, String set, MavenSession session, MmarReader.Results results) {
    if (mmar == null) {
      return null;
    }
    Properties given = GivenValues.commandLine(session);
    Map<Setting, String> commandLine = new EnumMap<>(Setting.class);
    for (Setting setting : Setting.values()) {
      String text = given.getProperty(setting.property());
      if (text != null && !text.isBlank()) {
        commandLine.put(setting, text);
      }
    }
    return MmarReader.read(new MmarReader.Source(mmar.toPath(), config, set, commandLine), results);
  }

  /** As values that were given; none where there is no MMAR. */
  static List<GivenValue> values(MmarExperiment mmar) {
    List<GivenValue> values = new ArrayList<>();
    if (mmar == null) {
      return values;
    }
    mmar.settings()
        .forEach(
            (setting, value) ->
                values.add(
                    GivenValue.property(setting.property(), value.text(), source(value.place()))));
    Xpp3Dom element = new Xpp3Dom("preTransforms");
    if (mmar.preTransforms() == null) {
      element.setValue("none: covid.recipe holds");
    } else {
      mmar.preTransforms().forEach(s -> element.addChild(new Xpp3Dom(Pipeline.name(s))));
    }
    values.add(GivenValue.element(element, source(mmar.config().toString()), List.of()));
    return values;
  }

  private static Source source(String place) {
    return new Source(Source.Kind.MMAR, "", place);
  }
}
