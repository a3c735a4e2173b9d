package org.covidmmar.maven;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.covidmmar.maven.ResolvedValues.ResolvedValue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResolvedValuesTest {
  @TempDir Path folder;

  private Study study;

  @BeforeEach
  void study() {
    study = new Study(folder);
  }

  @Test
  void defaultsOfTheCoreAndOfMaven() {
    assertEquals("300", one("covid.epochs").value());
    assertEquals("true", one("covid.fork").value());
    assertNull(one("covid.pretrained").value());
    assertEquals("default", one("covid.pretrained").from(folder));
  }

  @Test
  void aPropertyOfThePomAndOneOfTheParent() {
    study
        .parent("<properties>\n<covid.epochs>3</covid.epochs></properties>")
        .child("<properties>\n<covid.seed>4</covid.seed></properties>");
    assertEquals("3", one("covid.epochs").value());
    assertEquals(
        Path.of("parent ../pom.xml:3").toString(),
        one("covid.epochs").from(folder.resolve("child")));
    assertEquals("4", one("covid.seed").value());
    assertEquals("pom.xml:3", one("covid.seed").from(folder.resolve("child")));
  }

  @Test
  void anElementWinsOverTheCommandLineAndThatIsSaid() {
    study.child(Study.plugin("\n<epochs>3</epochs>", ""));
    assertEquals("3", one("covid.epochs", "covid.epochs", "7").value());
    assertEquals(
        List.of(
            "-Dcovid.epochs=7 is not used: "
                + study.childPom()
                + ":3: <epochs>, 3, wins over it; write <covid.epochs> in <properties> instead"),
        resolve("covid.epochs", "7").beaten("default-train"));
    assertEquals(List.of(), resolve("covid.epochs", "3").beaten("default-train"));
    assertEquals(List.of(), resolve("covid.seed", "7").beaten("default-train"));
  }

  @Test
  void anElementOfAnExecutionHoldsThereAlone() {
    study.child(
        Study.plugin(
            "",
            "\n<execution><id>long</id><configuration><epochs>9</epochs></configuration></execution>"));
    List<ResolvedValue> both =
        resolve("covid.epochs", "7").all().stream()
            .filter(v -> v.name().equals("covid.epochs"))
            .toList();
    assertEquals(List.of("7", "9"), both.stream().map(ResolvedValue::value).toList());
    assertEquals(
        "<configuration> of execution long, pom.xml:3", both.get(1).from(folder.resolve("child")));
    assertEquals(List.of(), resolve("covid.epochs", "7").beaten("default-train"));
    assertEquals(1, resolve("covid.epochs", "7").beaten("long").size());
  }

  @Test
  void transformsAreListedByTheirNames() {
    study.child(
        Study.plugin(
            "<preTransforms><Flip><axes>0,1</axes></Flip><Flip><axes>0,2</axes></Flip></preTransforms>",
            ""));
    assertEquals("Flip, Flip", one("<preTransforms>").value());
  }

  @Test
  void anMmarWinsOverThePomAndIsReplacedByTheCommandLine() {
    study.child(Study.plugin("\n<epochs>3</epochs>", ""));
    ResolvedValues users = resolve("covid.epochs", "7");
    for (String place : List.of("config/config_train.json: epochs", "")) {
      List<GivenValue> all = new ArrayList<>(users.given());
      all.add(
          GivenValue.property(
              "covid.epochs",
              "200",
              new GivenValue.Source(GivenValue.Source.Kind.MMAR, "", place)));
      ResolvedValues values = new ResolvedValues(users.parameters(), all);
      ResolvedValue epochs =
          values.all().stream().filter(v -> v.name().equals("covid.epochs")).findFirst().get();
      assertEquals("200", epochs.value());
      assertEquals(place.isEmpty() ? "-D" : "MMAR, " + place, epochs.from(folder));
      assertEquals(List.of(), values.beaten("default-train"));
    }
  }

  private ResolvedValue one(String name, String... commandLine) {
    return resolve(commandLine).all().stream()
        .filter(v -> v.name().equals(name))
        .reduce((a, b) -> null)
        .orElseThrow();
  }

  private ResolvedValues resolve(String... commandLine) {
    Properties properties = Study.commandLine(commandLine);
    return new ResolvedValues(new PluginParameters(Descriptor.read()), study.given(properties));
  }
}
