package org.covidmmar.maven;

import static java.util.Comparator.comparing;

import java.io.IOException;
import java.util.List;
import org.apache.maven.plugin.descriptor.MojoDescriptor;
import org.junit.jupiter.api.Test;

/** Keeps docs/reference/goals.md the same as the code; -Dcovid.docs.update=true rewrites it. */
class GoalsReferenceTest {
  private static final List<String> PHASES =
      List.of(
          "generate-resources",
          "process-resources",
          "compile",
          "test",
          "package",
          "verify",
          "install",
          "deploy");

  @Test
  void theReferenceIsCurrent() throws IOException {
    GeneratedPage.assertCurrent("goals.md", render());
  }

  private static String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Goals

        In a project of packaging `covid-experiment` those with a phase run in its lifecycle, `phantom` alone excepted; in
        any other project an execution binds them to the phase where it names none. `mvn covid:<goal>` runs one by itself.
        Their properties: [Every property](parameters.md). This page is generated from the code.

        | goal | phase | does |
        |---|---|---|
        """);
    Descriptor.read().getMojos().stream()
        .sorted(comparing(GoalsReferenceTest::order).thenComparing(MojoDescriptor::getGoal))
        .forEach(goal -> text.append(row(goal)));
    return text.toString();
  }

  private static int order(MojoDescriptor goal) {
    return goal.getPhase() == null ? PHASES.size() : PHASES.indexOf(goal.getPhase());
  }

  private static String row(MojoDescriptor goal) {
    return GeneratedPage.row(
        "`covid:" + goal.getGoal() + "`",
        goal.getPhase() == null ? "–" : goal.getPhase(),
        GeneratedPage.markdown(goal.getDescription()));
  }
}
