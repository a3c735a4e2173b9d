package org.covidmmar.experiment;

import java.nio.file.Path;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.Phantom;
import org.covidmmar.dataset.PhantomSpec;

/** Writes the synthetic cohort with its dataset.json. */
record PhantomWorkflow(Workspace workspace) {
  /** Opacities as in a moderate pneumonia. */
  private static final double SEVERITY = 1;

  void run() {
    ExperimentConfig config = workspace.config();
    ExperimentConfig.Phantom phantom = config.phantom();
    String output = config.inference().output();
    Path folder =
        output == null ? workspace.dataRoot() : workspace.basedir().resolve(output).normalize();
    PhantomSpec spec =
        new PhantomSpec(
            phantom.seed(),
            phantom.training(),
            phantom.validation(),
            phantom.testing(),
            phantom.shape(),
            SEVERITY);
    long cases = (long) spec.training() + spec.validation() + spec.testing();
    Phantom.write(
        folder,
        spec,
        done -> workspace.listener().on(new Message.Progress("phantom", done, cases, "cases")));
    workspace.listener().on(new Message.Line("wrote: " + folder));
  }
}
