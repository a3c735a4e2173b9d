package org.covidmmar.experiment;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.DataFingerprints;
import org.covidmmar.dataset.PreprocessCache;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.Montage;
import org.covidmmar.inference.Pictures;
import org.covidmmar.inference.Saliency;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.volume.Volume;

/** Pictures of the cases that a model got most wrong. */
final class CasePictures {
  private final Workspace workspace;
  private final ModelSource model;

  CasePictures(Workspace workspace, ModelSource model) {
    this.workspace = workspace;
    this.model = model;
  }

  /**
   * Writes as many as the configuration asks for, the largest error first; without a label there is
   * no error, and no picture.
   *
   * @param scored the cases' probabilities in their order
   */
  void write(
      Path folder, List<Case> cases, List<ScoredCase> scored, DataFingerprints fingerprints) {
    Pictures.Writer pictures = new Pictures.Writer(folder);
    List<Case> chosen =
        IntStream.range(0, cases.size())
            .boxed()
            .filter(i -> scored.get(i).label() != null)
            .sorted(Comparator.comparing(scored::get, ScoredCase.LARGEST_ERROR_FIRST))
            .limit(workspace.config().inference().reportCases())
            .map(cases::get)
            .toList();
    if (!chosen.isEmpty() && workspace.config().inference().gradCam()) {
      try (DenseNet3d network = Prediction.network(workspace, model)) {
        draw(pictures, chosen, network, fingerprints);
      }
    } else {
      draw(pictures, chosen, null, fingerprints);
    }
    pictures.end();
  }

  private void draw(
      Pictures.Writer pictures,
      List<Case> cases,
      DenseNet3d network,
      DataFingerprints fingerprints) {
    Pipeline pipeline = model.preprocessing().pipeline().withoutAugmentation();
    PreprocessCache cache = workspace.cache(pipeline, fingerprints);
    PreprocessCache.Progress progress = workspace.progress("drawing cases");
    int done = 0;
    for (Case c : cases) {
      Volume image = cache.get(c).image();
      // A mask that the model did not need may be missing, or be another scan's.
      Volume mask = pipeline.readsMask() ? NiftiReader.read(c.mask()) : null;
      Volume saliency = network == null ? null : Saliency.of(network, image, 1);
      pictures.add(c.id(), Montage.of(image, mask, saliency));
      progress.on(++done, cases.size());
    }
  }
}
