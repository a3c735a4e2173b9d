package org.covidmmar.dataset;

import com.fasterxml.jackson.core.JsonProcessingException;
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
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Workers;
import org.covidmmar.io.nifti.NiftiHeader;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.segmentation.LungMask;
import org.covidmmar.segmentation.Segmenter;

/**
 * Makes lung masks for cases: {@code <id>_lungs.nii.gz} (uint8, 1 lung, 0 background) with {@code
 * <id>_lungs.json} beside it, a {@link Sidecar}. A mask that is there, made of the same image by
 * the same method, is kept.
 */
public final class LungMasks {
  private static final String SUFFIX = "_lungs";
  private static final String UNFINISHED = "";
  private static final int BYTES_A_VOXEL = Float.BYTES;

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private final Path folder;
  private final Segmenter segmenter;
  private final DataFingerprints fingerprints;
  private final MemoryGate gate = new MemoryGate(Runtime.getRuntime().maxMemory());

  /**
   * @param folder that the masks go into
   */
  public LungMasks(Path folder, Segmenter segmenter, DataFingerprints fingerprints) {
    this.folder = folder;
    this.segmenter = segmenter;
    this.fingerprints = fingerprints;
  }

  /**
   * What is kept beside a mask.
   *
   * @param image the image's file name
   * @param imageSha256 fingerprint of its content
   * @param method what made the mask
   * @param maskSha256 of the mask's file; empty while it is written
   * @param rightMl volume of the right lung
   * @param leftMl of the left one
   * @param confidence 0..1
   * @param findings what lowered it
   */
  public record Sidecar(
      String image,
      String imageSha256,
      String method,
      String maskSha256,
      double rightMl,
      double leftMl,
      double confidence,
      List<String> findings) {}

  /** A case with its mask, and what is known of that. */
  public record Made(Case masked, Sidecar about) {}

  /**
   * What came of it.
   *
   * @param made in the order of the cases, without those that failed
   * @param problems of those
   */
  public record Outcome(List<Made> made, List<CovidException> problems) {
    /** The mask of each image. */
    public Map<Path, Path> masks() {
      Map<Path, Path> masks = new LinkedHashMap<>();
      made.forEach(m -> masks.put(m.masked().image(), m.masked().mask()));
      return masks;
    }
  }

  /** Where the mask of a case goes. */
  public static Path file(Path folder, Case c) {
    return folder.resolve(c.id() + SUFFIX + ".nii.gz");
  }

  /**
   * Segments cases that have no mask; those of one image once.
   *
   * @param threads at least 1; fewer work at once where the heap has no room for more
   * @throws CovidException at once where the folder can't be written; what is wrong with a case is
   *     told in the outcome
   */
  public Outcome make(List<Case> cases, int threads, PreprocessCache.Progress progress) {
    Map<Path, Case> distinct = new LinkedHashMap<>();
    cases.forEach(c -> distinct.putIfAbsent(c.image(), c));
    List<Made> made = new ArrayList<>();
    List<CovidException> problems = new ArrayList<>();
    try (Workers workers = new Workers("segment", threads)) {
      AtomicInteger done = new AtomicInteger();
      List<Future<Object>> futures = new ArrayList<>();
      for (Case c : distinct.values()) {
        futures.add(
            workers.submit(
                () -> {
                  Object result = attempt(c);
                  synchronized (done) {
                    progress.on(done.incrementAndGet(), distinct.size());
                  }
                  return result;
                }));
      }
      for (Future<Object> future : futures) {
        Object result = Workers.result(future);
        if (result instanceof Made one) {
          made.add(one);
        } else {
          problems.add((CovidException) result);
        }
      }
    }
    return new Outcome(List.copyOf(made), List.copyOf(problems));
  }

  /** A {@link Made}, or the {@link CovidException} that says why there is none. */
  private Object attempt(Case c) {
    LungMask lungs;
    String content;
    try {
      content = fingerprints.of(c.image()).hex();
      Optional<Made> kept = kept(c, content);
      if (kept.isPresent()) {
        return kept.get();
      }
      lungs = segmented(c);
      // The mask is of what the image held before it was read.
      fingerprints.of(c.image());
    } catch (CovidException e) {
      return e;
    }
    // Not among the cases' problems: a full disk is one problem, not one a case.
    return written(c, content, lungs);
  }

  private LungMask segmented(Case c) {
    NiftiHeader header = NiftiReader.readHeader(c.image());
    long voxels = header.shape().voxels();
    long need = voxels * BYTES_A_VOXEL + segmenter.memory(voxels);
    return gate.within(
        need,
        c.image(),
        "segmenting",
        () -> segmenter.segment(c.image().toString(), NiftiReader.read(c.image())));
  }

  private Made written(Case c, String content, LungMask lungs) {
    Path mask = file(folder, c);
    // First that the mask's name is taken: what a kill leaves is known as ours.
    write(c, about(c, content, lungs, UNFINISHED));
    NiftiWriter.write(mask, lungs.mask(), NiftiWriter.Type.UINT8);
    try {
      Sidecar about = about(c, content, lungs, Fingerprint.of(mask).hex());
      write(c, about);
      return new Made(c.withMask(mask), about);
    } catch (IOException e) {
      throw unreadable(mask, e);
    }
  }

  private void write(Case c, Sidecar about) {
    try {
      AtomicFiles.writeString(sidecar(c), JSON.writeValueAsString(about) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a sidecar is always writable", e);
    }
  }

  private Sidecar about(Case c, String content, LungMask lungs, String maskSha256) {
    return new Sidecar(
        c.image().getFileName().toString(),
        content,
        segmenter.method(),
        maskSha256,
        rounded(lungs.rightMl(), 10),
        rounded(lungs.leftMl(), 10),
        rounded(lungs.confidence(), 1000),
        lungs.findings());
  }

  private static double rounded(double value, double parts) {
    return Math.rint(value * parts) / parts;
  }

  private Path sidecar(Case c) {
    return folder.resolve(c.id() + SUFFIX + ".json");
  }

  /**
   * The mask that is there, if it is that of the image by this method.
   *
   * @throws CovidException where what is there is not ours to replace
   */
  private Optional<Made> kept(Case c, String content) {
    Path mask = file(folder, c);
    Sidecar about = sidecarOf(c);
    if (about == null && (Files.exists(mask) || Files.exists(sidecar(c)))) {
      Path there = Files.exists(mask) ? mask : sidecar(c);
      throw new CovidException(
          there,
          "was not made by covid:segment, which would replace it",
          "set covid.output to another folder, or name the mask as \"label_image\" in"
              + " dataset.json; or delete it to have it made");
    }
    if (!Files.exists(mask) || about.maskSha256().equals(UNFINISHED)) {
      return Optional.empty();
    }
    try {
      // Not as it was known before: masks are written again in one run.
      if (!Fingerprint.of(mask).hex().equals(about.maskSha256())) {
        throw new CovidException(
            mask,
            "was changed since covid:segment made it",
            "move it out of the folder and name it as \"label_image\" in dataset.json, or delete it"
                + " to have it made again");
      }
    } catch (IOException e) {
      throw unreadable(mask, e);
    }
    boolean same = content.equals(about.imageSha256()) && segmenter.method().equals(about.method());
    return same ? Optional.of(new Made(c.withMask(mask), about)) : Optional.empty();
  }

  /** Null where there is none that was written here. */
  private Sidecar sidecarOf(Case c) {
    try {
      Sidecar about = JSON.readValue(Files.readAllBytes(sidecar(c)), Sidecar.class);
      boolean whole = about != null && about.maskSha256() != null && about.findings() != null;
      return whole ? about : null;
    } catch (IOException e) {
      return null;
    }
  }

  private static CovidException unreadable(Path file, IOException e) {
    return new CovidException(
        file.toString(), "cannot be read: " + e.getMessage(), "make it readable", e);
  }
}
