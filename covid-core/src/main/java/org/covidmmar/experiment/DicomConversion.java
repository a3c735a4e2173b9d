package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.covidmmar.CovidException;
import org.covidmmar.io.dicom.Conversion;
import org.covidmmar.io.dicom.DicomToNifti;
import org.covidmmar.transform.PerAxis;

/**
 * Converts a folder of DICOM files and shows what became of it: what convert and infer share.
 *
 * @param folder of DICOM files
 * @param property that named it
 */
record DicomConversion(Workspace workspace, Path folder, String property) {
  private static final int SHOWN = 40;

  /**
   * Converts.
   *
   * @return at least a volume or a problem
   * @throws CovidException where there is no CT series
   */
  Conversion into(Path target, DicomToNifti.Options options) {
    Conversion done = DicomToNifti.convert(folder, target, options, this::progress);
    say(done);
    if (done.series().isEmpty() && done.problems().isEmpty()) {
      throw new CovidException(
          property,
          "expected CT series in " + folder + ", found none; " + ignored(done),
          "give the folder that the CT's files are in");
    }
    return done;
  }

  private void progress(String stage, long done, long total) {
    synchronized (workspace.listener()) {
      workspace.listener().on(new Message.Progress(stage, done, total, ""));
    }
  }

  private void say(Conversion done) {
    if (!done.series().isEmpty()) {
      workspace.listener().on(table(done));
    }
    if (!done.ignored().isEmpty()) {
      workspace.say(ignored(done));
    }
    for (Conversion.Series series : done.series()) {
      series.notes().stream()
          .filter(note -> note.endsWith("missing"))
          .forEach(
              note ->
                  workspace
                      .listener()
                      .on(
                          new Message.Warning(
                              series.file()
                                  + ": "
                                  + note
                                  + " in the series; interpolated from the neighbours")));
    }
  }

  private static String ignored(Conversion done) {
    return done.ignored().isEmpty()
        ? "there is no other file either"
        : "ignored: "
            + done.ignored().entrySet().stream()
                .map(e -> e.getValue() + " files, " + e.getKey())
                .collect(Collectors.joining("; "));
  }

  private Message.Table table(Conversion done) {
    List<Conversion.Series> series = done.series();
    List<List<String>> rows = new ArrayList<>();
    for (Conversion.Series s : series.subList(0, Math.min(SHOWN, series.size()))) {
      PerAxis mm = s.spacing();
      rows.add(
          List.of(
              Integer.toString(s.number()),
              workspace.shown(s.file()),
              Integer.toString(s.images()),
              s.shape().toString(),
              String.format(Locale.ROOT, "%.2f,%.2f,%.2f", mm.x(), mm.y(), mm.z()),
              s.unchanged() ? "unchanged, skipped" : "converted",
              String.join("; ", s.notes())));
    }
    long unchanged = series.stream().filter(Conversion.Series::unchanged).count();
    String title =
        "%d series%s, %d of them unchanged; %d problems"
            .formatted(
                series.size(),
                series.size() > SHOWN ? ", the first " + SHOWN : "",
                unchanged,
                done.problems().size());
    return new Message.Table(
        title, List.of("series", "volume", "images", "voxels", "mm", "state", "notes"), rows);
  }
}
