package org.covidmmar.dataset;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Workers;
import org.covidmmar.io.nifti.NiftiHeader;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Sample;

/**
 * What the fixed part of a pipeline makes of each case, kept on disk. A sample's file is named by
 * the fingerprints of the image's and the mask's content and of the pipeline, so that a changed
 * file or pipeline never meets a sample made before. May be deleted at any time, even during a run,
 * and shared by several processes; a damaged file is noticed by its checksum and made anew. New or
 * kept, a sample has the same bits. Safe for use by many threads.
 */
public final class PreprocessCache {
  private static final int FOLDER_DIGITS = 16;

  /** Bytes a voxel while a case is read: the image, its mask as stored and as 0 and 1, and room. */
  private static final int INT16_NEED = 2 + 2 + 2 + 2;

  private static final int FLOAT_NEED = 4 + 4 + 2 + 4;

  private final Path root;
  private final Path folder;
  private final Pipeline pipeline;
  private final DataFingerprints fingerprints;
  private final Consumer<String> notes;
  private final Fingerprint pipelineFingerprint;
  private final boolean readsMask;
  private final MemoryGate gate;

  /**
   * @param folder where the samples are kept, made if need be
   * @param fingerprints of the files read so far
   * @param notes takes lines for the user that are no errors; may be called by several threads
   * @throws CovidException where the folder can't be made
   */
  public PreprocessCache(
      Path folder, Pipeline pipeline, DataFingerprints fingerprints, Consumer<String> notes) {
    this(folder, pipeline, fingerprints, notes, new MemoryGate(Runtime.getRuntime().maxMemory()));
  }

  private PreprocessCache(
      Path folder,
      Pipeline pipeline,
      DataFingerprints fingerprints,
      Consumer<String> notes,
      MemoryGate gate) {
    this.pipeline = pipeline;
    this.fingerprints = fingerprints;
    this.notes = notes;
    pipelineFingerprint = pipeline.fixedFingerprint();
    this.folder = folder.resolve(pipelineFingerprint.hex().substring(0, FOLDER_DIGITS));
    readsMask = pipeline.readsMask();
    this.gate = gate;
    root = folder;
    try {
      Files.createDirectories(this.folder);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(this.folder, e);
    }
    AtomicFiles.sweep(this.folder);
  }

  /** The pipeline whose fixed part made the samples. */
  public Pipeline pipeline() {
    return pipeline;
  }

  /**
   * The cache of the pipeline without its random steps. Its samples are other ones where fixed
   * steps come after random ones: without these, they belong to the fixed part.
   */
  public PreprocessCache withoutAugmentation() {
    return new PreprocessCache(root, pipeline.withoutAugmentation(), fingerprints, notes, gate);
  }

  /** Told of each case that {@link #prepare} has done; never by two threads at once. */
  @FunctionalInterface
  public interface Progress {
    /**
     * @param done cases done so far
     * @param total cases to do
     */
    void on(int done, int total);
  }

  /**
   * The sample of a case: kept, or made and kept.
   *
   * @throws CovidException where the case can't be used (see {@link CaseReader}), a pipeline's step
   *     can't be applied to it, its files changed during the run, or the sample can't be written
   */
  public Sample get(Case c) {
    return content(c).sample();
  }

  /**
   * Makes the samples of all cases that are not kept yet, and so finds out before training what is
   * wrong with any of them. Notes images that don't look like HU.
   *
   * @param cases a case may come several times
   * @param threads at least 1; fewer work at once where the heap has no room for more
   * @throws CovidException listing every case that can't be used; at once where the cache can't be
   *     written
   */
  public void prepare(List<Case> cases, int threads, Progress progress) {
    List<Case> distinct = cases.stream().distinct().toList();
    List<Outcome> outcomes = new ArrayList<>();
    try (Workers workers = new Workers("prepare", threads)) {
      Object lock = new Object();
      AtomicInteger done = new AtomicInteger();
      List<Future<Outcome>> futures = new ArrayList<>();
      for (Case c : distinct) {
        futures.add(
            workers.submit(
                () -> {
                  Outcome outcome = prepare(c);
                  synchronized (lock) {
                    progress.on(done.incrementAndGet(), distinct.size());
                  }
                  return outcome;
                }));
      }
      futures.forEach(future -> outcomes.add(Workers.result(future)));
    }
    List<CovidException> problems =
        outcomes.stream().map(Outcome::problem).filter(Objects::nonNull).toList();
    if (!problems.isEmpty()) {
      throw CovidException.all("data", problems);
    }
    noteUnlikeHu(outcomes);
  }

  /**
   * What is known of a case once it was prepared.
   *
   * @param problem why it can't be used, or null
   */
  private record Outcome(Case of, HuRange range, CovidException problem) {}

  private Outcome prepare(Case c) {
    Path file;
    CacheFile.Content made;
    try {
      file = file(c);
      Path known = file;
      CacheFile.Range range = kept(file, () -> CacheFile.readRange(known));
      if (range != null) {
        return new Outcome(c, new HuRange(range.min(), range.max()), null);
      }
      made = make(c);
    } catch (CovidException e) {
      return new Outcome(c, null, e);
    }
    // Not among the data's problems: a full disk is one problem, not one a case.
    CacheFile.write(file, made);
    return new Outcome(c, new HuRange(made.min(), made.max()), null);
  }

  private void noteUnlikeHu(List<Outcome> outcomes) {
    List<Outcome> unlike = outcomes.stream().filter(o -> !o.range().mayBeHu()).toList();
    if (!unlike.isEmpty()) {
      Outcome first = unlike.get(0);
      notes.accept(
          unlike.size()
              + " of "
              + outcomes.size()
              + " images do not look like CT in HU, the first "
              + first.of().image()
              + ": "
              + first.range().found()
              + "; expected "
              + HuRange.EXPECTED
              + "; "
              + first.range().remedy());
    }
  }

  private CacheFile.Content content(Case c) {
    Path file = file(c);
    CacheFile.Content kept = kept(file, () -> CacheFile.read(file, c.id()));
    if (kept != null) {
      return kept;
    }
    CacheFile.Content made = make(c);
    CacheFile.write(file, made);
    return made;
  }

  private Path file(Case c) {
    boolean masked = readsMask && c.mask() != null;
    return folder.resolve(
        Fingerprint.of(
                fingerprints.of(c.image())
                    + " "
                    + (masked ? fingerprints.of(c.mask()) : "no mask")
                    + " "
                    + pipelineFingerprint)
            + ".sample");
  }

  /** Reads a kept sample. */
  private interface Read<T> {
    T from() throws IOException;
  }

  /** What is kept in the file; null where there is none, or a damaged one. */
  private <T> T kept(Path file, Read<T> read) {
    try {
      return read.from();
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      notes.accept(file + " " + e.getMessage() + ": the sample is made anew");
      return null;
    }
  }

  private CacheFile.Content make(Case c) {
    if (readsMask && c.mask() == null) {
      throw CaseReader.noMask(c).exception(null);
    }
    NiftiHeader header = NiftiReader.readHeader(c.image());
    boolean small = header.type().isInteger() && header.type().bytes() <= 2;
    long need = header.shape().voxels() * (small ? INT16_NEED : FLOAT_NEED);
    return gate.within(need, c.image(), "preprocessing", () -> read(c));
  }

  private CacheFile.Content read(Case c) {
    CaseReader.Reading reading = CaseReader.read(c, readsMask);
    // The sample goes under the name that the files had before they were read.
    fingerprints.of(c.image());
    if (readsMask) {
      fingerprints.of(c.mask());
    }
    Sample sample = fixed(c, reading.sample());
    return new CacheFile.Content(sample, reading.min(), reading.max()).asKept();
  }

  private Sample fixed(Case c, Sample sample) {
    try {
      return pipeline.fixed(sample);
    } catch (CovidException e) {
      throw new CovidException(c.image().toString(), e.problem(), e.remedy(), e);
    }
  }
}
