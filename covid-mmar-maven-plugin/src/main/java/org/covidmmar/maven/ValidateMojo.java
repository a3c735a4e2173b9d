package org.covidmmar.maven;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.LifecyclePhase;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.CovidException;
import org.covidmmar.config.Setting;
import org.covidmmar.evaluation.Gate;
import org.covidmmar.experiment.Main;
import org.covidmmar.experiment.Message;
import org.covidmmar.mmar.MmarReader;

/**
 * Evaluates a trained model on a labelled list of the dataset: accuracy, ROC AUC, sensitivity,
 * specificity and their intervals. Fails the build where a gate is missed, as a failing test would.
 */
@Mojo(name = "validate", defaultPhase = LifecyclePhase.TEST, threadSafe = true)
public final class ValidateMojo extends AbstractEvaluationMojo {

  /** Skips this goal. */
  @Parameter(property = "covid.skipValidate", defaultValue = "false")
  private boolean skipValidate;

  /**
   * Cases, those furthest from their label first, that validate makes pictures of for the report. A
   * whole number from 0 to 100 (cases); default 12.
   */
  @Parameter(property = "covid.report.cases")
  private String reportCases;

  /**
   * Maps of what decides in the model's eyes that infer writes beside its predictions: Grad-CAM,
   * occlusion sensitivity, or (true) both. With gradcam or true the report's pictures of cases show
   * Grad-CAM too. One of false, gradcam, occlusion, true; default false.
   */
  @Parameter(property = "covid.saliency")
  private String saliency;

  /** AUC below which covid:validate fails the build. A number from 0 to 1; no default. */
  @Parameter(property = "covid.gate.auc")
  private String gateAuc;

  /** Accuracy below which covid:validate fails the build. A number from 0 to 1; no default. */
  @Parameter(property = "covid.gate.accuracy")
  private String gateAccuracy;

  /** Sensitivity below which covid:validate fails the build. A number from 0 to 1; no default. */
  @Parameter(property = "covid.gate.sensitivity")
  private String gateSensitivity;

  /** Specificity below which covid:validate fails the build. A number from 0 to 1; no default. */
  @Parameter(property = "covid.gate.specificity")
  private String gateSpecificity;

  /** Evaluates, but does not look at the gates. */
  @Parameter(property = "skipTests", defaultValue = "false")
  private boolean skipTests;

  /** As skipTests. */
  @Parameter(property = "maven.test.skip", defaultValue = "false")
  private boolean skipTestsToo;

  /** Reports missed gates without failing the build. */
  @Parameter(property = "maven.test.failure.ignore", defaultValue = "false")
  private boolean testFailureIgnore;

  /** Folder of the report on the gates, in Surefire's form. */
  @Parameter(defaultValue = "${project.build.directory}/surefire-reports", readonly = true)
  private File reports;

  private boolean missed;

  @Override
  void settings(Map<Setting, String> given) {
    super.settings(given);
    given.put(Setting.REPORT_CASES, reportCases);
    given.put(Setting.SALIENCY, saliency);
    if (skipTests || skipTestsToo) {
      getLog().info("gates are not looked at, as skipTests or maven.test.skip says");
    } else {
      removeEarlierReport();
      given.put(Setting.GATE_AUC, gateAuc);
      given.put(Setting.GATE_ACCURACY, gateAccuracy);
      given.put(Setting.GATE_SENSITIVITY, gateSensitivity);
      given.put(Setting.GATE_SPECIFICITY, gateSpecificity);
    }
  }

  @Override
  void gates(Message.Gates gates) {
    Path file = report();
    List<GatesReport.Test> tests = gates.gates().stream().map(ValidateMojo::test).toList();
    missed = gates.gates().stream().anyMatch(gate -> !gate.passed());
    new GatesReport(suite(), tests).write(file);
    getLog().info("gates: " + file);
  }

  /**
   * A build that sets no gate, or fails before it looks at them, must not show an earlier one's.
   */
  private void removeEarlierReport() {
    try {
      Files.deleteIfExists(report());
    } catch (IOException e) {
      throw new CovidException(
          report().toString(),
          "cannot be removed: " + e.getMessage(),
          "make its folder writable",
          e);
    }
  }

  private Path report() {
    return reports.toPath().resolve("TEST-" + suite() + ".xml");
  }

  private String suite() {
    return project.getGroupId() + "." + project.getArtifactId() + ".Gates";
  }

  private static GatesReport.Test test(Gate gate) {
    return new GatesReport.Test(
        gate.figure() + " at least " + gate.atLeast(), gate.passed(), gate.describe());
  }

  @Override
  void failed(CovidException e) throws MojoFailureException {
    if (missed && testFailureIgnore) {
      getLog().error(e.getMessage());
    } else {
      super.failed(e);
    }
  }

  @Override
  MmarReader.Results results() {
    return MmarReader.Results.PREDICTIONS;
  }

  @Override
  Main.Goal goal() {
    return Main.Goal.VALIDATE;
  }

  @Override
  boolean skipGoal() {
    return skipValidate;
  }
}
