package org.covidmmar.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.io.dicom.Conversion;
import org.covidmmar.io.dicom.DicomToNifti;
import org.covidmmar.io.dicom.PatientKey;
import org.covidmmar.provenance.ProvenanceRecorder;
import org.covidmmar.transform.PerAxis;

/** {@code covid:convert}: volumes in the data's folder for the CT series of a DICOM folder. */
final class ConvertWorkflow implements Workflow {
  private static final String DICOM_DIR = "covid.dicomDir";
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Workspace workspace;
  private final ExperimentConfig.Conversion given;

  ConvertWorkflow(Workspace workspace) {
    this.workspace = workspace;
    this.given = workspace.config().conversion();
  }

  @Override
  public Optional<String> reason() {
    if (isIdle()) {
      return Optional.empty();
    }
    return stage().reason(stamp(), made().toArray(Path[]::new));
  }

  @Override
  public String idle() {
    return isIdle() ? "nothing to convert, as " + DICOM_DIR + " is not set" : Workflow.super.idle();
  }

  private boolean isIdle() {
    return given == null || given.dicomDir() == null;
  }

  private Path dicomDir() {
    return workspace.basedir().resolve(given.dicomDir()).normalize();
  }

  private Path stamp() {
    return workspace.stamp("convert");
  }

  /** The list of volumes, for reading on by other tools. */
  private Path list() {
    return workspace.output("convert").resolve("volumes.json");
  }

  private Stage stage() {
    SortedMap<String, String> values = new TreeMap<>();
    workspace
        .config()
        .flat()
        .forEach(
            (path, value) -> {
              if (path.startsWith("conversion.")) {
                values.put(path.substring(path.indexOf('.') + 1), value);
              }
            });
    values.put("dataRoot", workspace.config().data().dataRoot());
    values.put("covid-mmar", ProvenanceRecorder.projectVersion());
    values.put("DICOM files", DicomToNifti.state(dicomDir(), suffix()));
    return new Stage(workspace.basedir(), values, List.of());
  }

  private String suffix() {
    return given.suffix() == null ? "" : given.suffix();
  }

  private DicomToNifti.Options options() {
    List<Double> mm = given.spacing();
    return new DicomToNifti.Options(
        suffix(),
        given.name(),
        given.format(),
        mm == null ? null : new PerAxis(mm.get(0), mm.get(1), mm.get(2)),
        given.identifying(),
        PatientKey.of(workspace.basedir().resolve(".covid/patient-key")),
        workspace.config().compute().threadCount());
  }

  /** The volumes of the last conversion. */
  private List<Path> made() {
    List<Path> files = new ArrayList<>();
    try {
      for (JsonNode volume : JSON.readTree(Files.readAllBytes(list()))) {
        files.add(workspace.dataRoot().resolve(volume.path("image").asText()));
      }
      return files;
    } catch (IOException e) {
      return List.of(list());
    }
  }

  @Override
  public void run() {
    if (isIdle()) {
      workspace.say("convert: " + idle());
      return;
    }
    Workspace.requireWritable(workspace.dataRoot());
    Stamp.remove(stamp());
    Stage stage = stage();
    Conversion done =
        new DicomConversion(workspace, dicomDir(), DICOM_DIR).into(workspace.dataRoot(), options());
    write(done);
    if (!done.problems().isEmpty()) {
      throw CovidException.all(dicomDir().toString(), done.problems());
    }
    stage.stamp(stamp(), new DataFingerprints());
  }

  private void write(Conversion done) {
    List<Map<String, Object>> volumes = new ArrayList<>();
    for (Conversion.Series s : done.series()) {
      Map<String, Object> volume = new LinkedHashMap<>();
      volume.put("image", workspace.dataRoot().relativize(s.file()).toString().replace('\\', '/'));
      volume.put("seriesNumber", s.number());
      volume.put("images", s.images());
      volume.put("shape", List.of(s.shape().x(), s.shape().y(), s.shape().z()));
      volume.put("spacingMm", s.spacing());
      volume.put("notes", s.notes());
      volumes.add(volume);
    }
    try {
      AtomicFiles.writeString(list(), JSON.writeValueAsString(volumes) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and texts are always writable", e);
    }
  }

  @Override
  public void conclude() {
    if (!isIdle()) {
      workspace.say("wrote: " + workspace.dataRoot());
    }
  }
}
