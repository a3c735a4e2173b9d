package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.Optional;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.Phantom;
import org.covidmmar.dataset.PhantomSpec;

/** Writes the synthetic cohort with its dataset.json. */
record PhantomWorkflow(Workspace workspace) implements Workflow {
  private static final String DATASET = "dataset.json";

  @Override
  public Optional<String> reason() {
    Path folder = folder();
    return Phantom.isCurrent(folder, spec())
        ? Optional.empty()
        : Optional.of("no such cohort in " + folder);
  }

  @Override
  public void run() {
    PhantomSpec spec = spec();
    long cases = (long) spec.training() + spec.validation() + spec.testing();
    Phantom.write(
        folder(),
        spec,
        done -> workspace.listener().on(new Message.Progress("phantom", done, cases, "cases")));
  }

  @Override
  public void conclude() {
    workspace.say("wrote: " + folder());
  }

  private Path folder() {
    String dataset = workspace.config().data().dataset();
    Path folder = workspace.dataRoot();
    if (!folder.resolve(dataset).normalize().equals(folder.resolve(DATASET))) {
      throw new CovidException(
          "covid.dataset",
          "is " + dataset + ", but the synthetic cohort's is " + DATASET,
          "leave covid.dataset at " + DATASET + ", or use a project of its own for the cohort");
    }
    return folder;
  }

  private PhantomSpec spec() {
    ExperimentConfig.Phantom phantom = workspace.config().phantom();
    return new PhantomSpec(
        phantom.seed(),
        phantom.training(),
        phantom.validation(),
        phantom.testing(),
        phantom.shape(),
        phantom.severity());
  }
}
