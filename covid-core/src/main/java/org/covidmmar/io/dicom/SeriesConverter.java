package org.covidmmar.io.dicom;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Workers;
import org.covidmmar.io.nifti.NiftiSliceWriter;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.transform.PerAxis;

/**
 * Writes one volume with its sidecar, unless they are there.
 *
 * @param grid the volume
 * @param file its name
 */
record SeriesConverter(Grid grid, Path file, DicomToNifti.Options options) {
  // To be raised when the same files become another volume or sidecar.
  private static final int VERSION = 2;
  // Bytes a pixel, each as what it is made of and what it becomes.
  private static final int WRITTEN = 8;
  private static final int READ = 6;
  private static final int INTERPOLATED = 24;

  /** What became of it: a volume, or a problem. */
  record Result(Conversion.Series series, CovidException problem) {}

  /** The steps of its conversion. */
  long slices() {
    return grid.shape().z();
  }

  /** Bytes that its conversion takes, roughly. */
  long memory() {
    long pixels = (long) grid.shape().x() * grid.shape().y();
    long source = (long) grid.sheared().x() * grid.sheared().y();
    return pixels * WRITTEN * ahead()
        + source * (grid.isDirect() ? READ : READ + INTERPOLATED) * options.threads();
  }

  private int ahead() {
    return 2 * options.threads() + 1;
  }

  Result convert(Workers workers, DicomToNifti.Steps steps) {
    try {
      Path sidecar = Sidecar.beside(file);
      String fingerprint = fingerprint();
      Optional<JsonNode> earlier = Sidecar.read(sidecar);
      boolean unchanged = earlier.isPresent() && Sidecar.isOf(earlier.get(), fingerprint, file);
      if (unchanged) {
        steps.add(slices());
      } else if (earlier.isEmpty() && (Files.exists(file) || Files.exists(sidecar))) {
        throw new CovidException(
            Files.exists(file) ? file : sidecar,
            "is there already, and covid:convert did not make it",
            "move the file away, or choose other names with covid.convert.name");
      } else if (memory() > Runtime.getRuntime().maxMemory() / 2) {
        Sidecar.discard(file);
        throw new CovidException(
            grid.stack().first().source().file(),
            "its series would become slices of %d x %d voxels, for which %d MB of memory are too little"
                .formatted(
                    grid.sheared().x(), grid.sheared().y(), Runtime.getRuntime().maxMemory() >> 20),
            "take images that lie far off out of the folder, or give Java more memory"
                + " (covid.jvmArgs, -Xmx)");
      } else {
        make(workers, steps, sidecar, fingerprint);
      }
      double[] spacing = grid.affine().spacing();
      return new Result(
          new Conversion.Series(
              file,
              sidecar,
              grid.stack().first().series().number(),
              grid.stack().size(),
              grid.shape(),
              new PerAxis(spacing[0], spacing[1], spacing[2]),
              unchanged,
              Sidecar.notes(grid)),
          null);
    } catch (CovidException e) {
      return new Result(null, e);
    }
  }

  private void make(Workers workers, DicomToNifti.Steps steps, Path sidecar, String fingerprint) {
    Sidecar.begin(sidecar);
    boolean made = false;
    try {
      write(workers, steps);
      Sidecar.end(sidecar, file, grid, options, fingerprint);
      made = true;
    } finally {
      if (!made) {
        // What an earlier state of the files became is not to be taken for this one.
        Sidecar.discard(file);
      }
    }
  }

  private void write(Workers workers, DicomToNifti.Steps steps) {
    float fill = fill(workers);
    try {
      write(
          fill == (short) fill ? NiftiWriter.Type.INT16 : NiftiWriter.Type.FLOAT32,
          fill,
          workers,
          steps);
    } catch (VolumeSlices.NotInt16 e) {
      write(NiftiWriter.Type.FLOAT32, fill, workers, steps);
    }
  }

  private void write(NiftiWriter.Type type, float fill, Workers workers, DicomToNifti.Steps steps) {
    VolumeSlices slices = new VolumeSlices(grid, type, fill);
    NiftiSliceWriter.write(
        file,
        grid.shape(),
        grid.affine(),
        type,
        (index, voxels) -> {
          slices.make(index, voxels);
          steps.add(1);
        },
        workers,
        ahead());
  }

  /** HU beside slices that are moved: the padding they name, else the least value there is. */
  private float fill(Workers workers) {
    if (!grid.isSheared()) {
      return 0;
    }
    double padding = grid.stack().first().paddingHu();
    if (!Double.isNaN(padding)) {
      return (float) padding;
    }
    VolumeSlices slices = new VolumeSlices(grid, NiftiWriter.Type.FLOAT32, 0);
    float least = Float.POSITIVE_INFINITY;
    for (float one :
        workers.all(IntStream.range(0, grid.stack().size()).boxed().toList(), slices::least)) {
      least = Math.min(least, one);
    }
    return least;
  }

  /** Stands for the files, their state, and how they are converted. */
  private String fingerprint() {
    StringBuilder text = new StringBuilder();
    text.append(VERSION).append('\n').append(options.spacing()).append('\n');
    text.append(options.identifying()).append('\n');
    text.append(options.patientHash(grid.stack().first().series())).append('\n');
    for (CtSlice slice : grid.stack().slices()) {
      append(text, slice);
    }
    text.append("dropped\n");
    for (CtSlice slice : grid.stack().dropped()) {
      append(text, slice);
    }
    return Fingerprint.of(text.toString()).hex();
  }

  private static void append(StringBuilder text, CtSlice slice) {
    CtSlice.Source source = slice.source();
    text.append(source.instance()).append(' ').append(slice.frame()).append(' ');
    text.append(source.size()).append(' ').append(source.modified()).append('\n');
  }
}
