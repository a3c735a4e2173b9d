package org.covidmmar.experiment;

import java.nio.file.Path;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.Phantom;
import org.covidmmar.dataset.PhantomSpec;

/** Writes the synthetic cohort with its dataset.json. */
record PhantomWorkflow(Workspace workspace) {
  private static final String DATASET = "dataset.json";

  void run() {
    ExperimentConfig config = workspace.config();
    ExperimentConfig.Phantom phantom = config.phantom();
    Path folder = workspace.dataRoot();
    if (!folder.resolve(config.data().dataset()).normalize().equals(folder.resolve(DATASET))) {
      throw new CovidException(
          "covid.dataset",
          "is " + config.data().dataset() + ", but the synthetic cohort's is " + DATASET,
          "leave covid.dataset at " + DATASET + ", or use a project of its own for the cohort");
    }
    PhantomSpec spec =
        new PhantomSpec(
            phantom.seed(),
            phantom.training(),
            phantom.validation(),
            phantom.testing(),
            phantom.shape(),
            phantom.severity());
    long cases = (long) spec.training() + spec.validation() + spec.testing();
    if (Phantom.isCurrent(folder, spec)) {
      workspace.say("phantom: up to date");
    } else {
      Phantom.write(
          folder,
          spec,
          done -> workspace.listener().on(new Message.Progress("phantom", done, cases, "cases")));
    }
    workspace.say("wrote: " + folder);
  }
}
