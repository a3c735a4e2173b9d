package org.covidmmar.maven;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.maven.PluginParameters.PluginParameter;
import org.covidmmar.maven.ResolvedValues.ResolvedValue;
import org.covidmmar.mmar.MmarReader;

/**
 * Prints every property with its value and where that comes from: the default, a pom with its line,
 * a profile, settings.xml, the plugin's configuration, or {@code -D}.
 */
@Mojo(name = "config", threadSafe = true)
public final class ConfigMojo extends AbstractMmarMojo {
  private static final String NONE = "–";

  /** File to write the same into, as JSON. */
  @Parameter(property = "covid.config.file")
  private File configFile;

  @Override
  public void execute() throws MojoFailureException {
    PluginParameters parameters = new PluginParameters(plugin);
    List<GivenValue> given = GivenValues.of(project, session, plugin.getPluginLookupKey());
    try {
      new TypoGuard(parameters).check(given);
      List<GivenValue> all = new ArrayList<>(given);
      all.addAll(MmarLayer.values(read(mmar, MmarReader.Results.NONE)));
      ResolvedValues resolved = new ResolvedValues(parameters, all);
      List<ResolvedValue> values = resolved.all();
      print(
          "set by the user: property, value, from",
          values.stream().filter(v -> !v.isDefault()).toList());
      print("defaults: property, value", values.stream().filter(ResolvedValue::isDefault).toList());
      given.stream()
          .filter(GivenValue::isElement)
          .filter(element -> parameters.of(element).map(p -> !resolved.isOfMmar(p)).orElse(true))
          .forEach(element -> warnOf(element, parameters));
      if (configFile != null) {
        AtomicFiles.writeString(configFile.toPath(), json(values));
        getLog().info("wrote: " + configFile);
      }
    } catch (CovidException e) {
      throw new MojoFailureException(e.getMessage(), e);
    } catch (InvalidPathException e) {
      throw new MojoFailureException(FileNames.refused(e).getMessage(), e);
    }
  }

  private void print(String title, List<ResolvedValue> values) {
    int names = values.stream().mapToInt(v -> v.name().length()).max().orElse(1);
    int texts = values.stream().mapToInt(v -> text(v).length()).max().orElse(1);
    String line = "  %-" + names + "s  %-" + texts + "s  %s";
    getLog().info(title);
    for (ResolvedValue v : values) {
      String from = v.isDefault() ? "" : v.from(basedir());
      getLog().info(line.formatted(v.name(), text(v), from).stripTrailing());
    }
  }

  /** What has a property is better written as one. */
  private void warnOf(GivenValue element, PluginParameters parameters) {
    parameters
        .of(element)
        .map(PluginParameter::property)
        .ifPresent(
            property ->
                getLog()
                    .warn(
                        "%s wins over -D%s; write <%s> in <properties> to let -D win"
                            .formatted(element.subject(), property, property)));
  }

  private Path basedir() {
    return project.getBasedir().toPath().toAbsolutePath().normalize();
  }

  private static String text(ResolvedValue value) {
    return value.value() == null ? NONE : value.value();
  }

  private static String json(List<ResolvedValue> values) {
    List<Map<String, String>> rows =
        values.stream()
            .map(
                v -> {
                  Map<String, String> row = new LinkedHashMap<>();
                  row.put("name", v.name());
                  row.put("value", v.value());
                  row.put("source", v.source().shown());
                  row.put("id", v.source().id());
                  row.put("place", v.source().place());
                  return row;
                })
            .toList();
    try {
      return JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writeValueAsString(rows);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are always writable", e);
    }
  }
}
