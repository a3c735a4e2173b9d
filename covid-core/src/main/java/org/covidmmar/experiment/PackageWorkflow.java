package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.mmar.MmarArchive;
import org.covidmmar.provenance.ProvenanceRecorder;

/** {@code covid:package}: the archive of a run's model. */
final class PackageWorkflow implements Workflow {
  private final Workspace workspace;
  private final Request.Publication publication;
  private Path found;

  PackageWorkflow(Workspace workspace) {
    this.workspace = workspace;
    this.publication = workspace.request().publication();
  }

  @Override
  public Optional<String> reason() {
    return stage().reason(stamp(), publication.archive());
  }

  /** Looked up when first needed, and then kept: another run may end meanwhile. */
  private Path model() {
    if (found == null) {
      found = ModelSource.findRun(workspace.request());
    }
    return found;
  }

  private Path stamp() {
    return workspace.stamp("package");
  }

  private Stage stage() {
    SortedMap<String, String> values = new TreeMap<>();
    values.put("run", model().getFileName().toString());
    values.put("coordinates", String.valueOf(publication.coordinates()));
    values.put("dataRoot", workspace.config().data().dataRoot());
    values.put("covid-mmar", ProvenanceRecorder.projectVersion());
    return new Stage(workspace.basedir(), values, MmarArchive.files(model()));
  }

  @Override
  public void run() {
    Stage stage = stage();
    MmarArchive.write(
        publication.archive(), model(), workspace.dataRoot(), publication.coordinates());
    stage.stamp(stamp(), new DataFingerprints());
  }

  @Override
  public void conclude() {
    workspace.say("wrote: " + publication.archive());
  }
}
