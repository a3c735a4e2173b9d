package org.covidmmar.dataset;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.covidmmar.dataset.Finding.Kind;
import org.covidmmar.dataset.Finding.Severity;
import org.covidmmar.dataset.Finding.Where;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.volume.Shape;

/** What the facts of images and masks mean. */
final class VoxelFindings {
  /** With fewer slices the network's would be the same ones again. */
  private static final int FEWEST_SLICES = 8;

  /** A chest in slices of 10 mm has some 30. */
  private static final int FEW_SLICES = 20;

  /** Lungs take 4 to 30 % of a chest CT. */
  private static final double LARGE_MASK = 0.5;

  private static final double SMALL_MASK = 0.002;

  /** So few voxels are no lung at any voxel size. */
  private static final double TINY_MASK = 0.0002;

  /** Air and lung are a third of a chest CT, so is tissue. */
  private static final double LEAST_AIR = 0.001;

  /** More than the bone that is left there of a CT whose intercept was added twice. */
  private static final double LEAST_TISSUE = 0.03;

  private final Map<Path, VoxelFacts> facts;
  private final boolean scalesHu;

  /**
   * @param facts of the files that could be read
   * @param pipeline whose intensity range says whether images must be in HU
   */
  VoxelFindings(Map<Path, VoxelFacts> facts, Pipeline pipeline) {
    this.facts = facts;
    scalesHu =
        pipeline.steps().stream()
            .anyMatch(s -> s instanceof ScaleIntensityRange r && r.aMin() <= HuRange.MOST_OF_AIR);
  }

  /** Whether a case's mask is a CT, and its image is none. */
  boolean swapped(Case c) {
    VoxelFacts image = facts.get(c.image());
    VoxelFacts mask = facts.get(c.mask());
    return image != null
        && mask != null
        && image.range().isKnown()
        && !image.range().hasAir()
        && mask.range().mayBeHu()
        && mask.air() >= LEAST_AIR;
  }

  static Finding swap(Case c) {
    return Finding.error(
        Kind.SWAPPED,
        Where.NOWHERE,
        c.image(),
        "image and label_image are swapped: the values of "
            + c.mask()
            + " are a CT's, these are not",
        null,
        "exchange the two in the entry");
  }

  List<Finding> image(Path file) {
    List<Finding> findings = new ArrayList<>();
    VoxelFacts read = facts.get(file);
    if (read == null) {
      return findings;
    }
    if (read.notFinite() > 0) {
      findings.add(
          CaseReader.notFinite(file, read.notFinite(), read.firstNotFinite(), read.shape()));
    }
    if (read.isConstant()) {
      findings.add(
          Finding.error(
              Kind.CONSTANT,
              Where.NOWHERE,
              file,
              "every voxel is " + HuRange.number(read.range().min()),
              null,
              "convert the scan anew, or leave it out"));
    } else if (read.range().isKnown()) {
      hu(file, read, findings);
    }
    slices(file, read.shape(), findings);
    return findings;
  }

  private void hu(Path file, VoxelFacts read, List<Finding> findings) {
    HuRange range = read.range();
    boolean air = range.hasAir() && read.air() >= LEAST_AIR;
    boolean tissue = read.tissue() >= LEAST_TISSUE;
    if (air && tissue && range.mayBeHu()) {
      return;
    }
    String found = range.found();
    if (range.hasAir() && !air) {
      found +=
          ", but hardly any lie from -1100 to -200 as lungs do: their rescale intercept may be"
              + " missing";
    } else if (air && !tissue) {
      found +=
          ", but hardly any lie from -200 to 300 as tissue does: their rescale intercept may have"
              + " been added twice";
    }
    findings.add(
        new Finding(
            scalesHu && (!air || !tissue || !range.hasBody()) ? Severity.ERROR : Severity.WARNING,
            Kind.NOT_HU,
            Where.NOWHERE,
            file,
            found,
            HuRange.EXPECTED,
            range.remedy()));
  }

  private static void slices(Path file, Shape shape, List<Finding> findings) {
    int fewest = Math.min(shape.x(), Math.min(shape.y(), shape.z()));
    if (fewest >= FEW_SLICES) {
      return;
    }
    findings.add(
        new Finding(
            fewest < FEWEST_SLICES ? Severity.ERROR : Severity.WARNING,
            Kind.FEW_SLICES,
            Where.NOWHERE,
            file,
            "its shape is " + shape,
            "at least " + FEW_SLICES + " slices",
            "give the whole series of the scan, or leave it out: a localizer is no volume"));
  }

  /**
   * What is wrong with a mask.
   *
   * @param uses entries that name it
   */
  List<Finding> mask(Path file, int uses) {
    List<Finding> findings = new ArrayList<>();
    VoxelFacts read = facts.get(file);
    if (read == null) {
      return findings;
    }
    Finding noMask = read.mask().finding(file, read.shape());
    if (noMask != null) {
      findings.add(noMask);
      return findings;
    }
    String part = String.format(Locale.ROOT, "%.3g %% of the image", 100 * read.lung());
    String shared = uses > 1 ? ", as the mask of " + uses + " entries" : "";
    String remedy = "look at the mask over its image, and segment it again where it is wrong";
    if (read.hasEveryCornerAboveZero() && read.lung() < 1) {
      findings.add(
          Finding.error(
              Kind.MASK_INVERTED,
              Where.NOWHERE,
              file,
              "the mask is inverted: it covers every corner and " + part + shared,
              null,
              "write 1 for lung and 0 for what is around it"));
    } else if (read.lung() > LARGE_MASK) {
      findings.add(
          Finding.warning(
              Kind.MASK_LARGE,
              Where.NOWHERE,
              file,
              "the mask covers " + part + shared,
              "less than half of it",
              remedy));
    } else if (read.lung() < SMALL_MASK) {
      findings.add(
          new Finding(
              read.lung() < TINY_MASK ? Severity.ERROR : Severity.WARNING,
              Kind.MASK_SMALL,
              Where.NOWHERE,
              file,
              "the mask covers " + part + shared,
              "some 4 to 30 %",
              remedy));
    }
    if (read.mask().labels() > 1) {
      findings.add(
          Finding.warning(
              Kind.MASK_LABELS,
              Where.NOWHERE,
              file,
              "the mask has the labels " + read.mask() + ", each of which is taken for lung",
              null,
              "look whether they are lungs or lobes; set any other to 0"));
    }
    return findings;
  }
}
