package org.covidmmar.transform;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.volume.Volume;

/**
 * Steps in the order in which they are applied. Those before the first random one, the prefix, give
 * the same result in every epoch, which may be kept.
 *
 * @param steps fixed and random ones
 */
public record Pipeline(List<Step> steps) {
  /** To be raised where a step's numbers change, so that no result kept from before is used. */
  private static final int NUMERICS = 1;

  public Pipeline {
    steps = List.copyOf(steps);
  }

  /**
   * What the prefix makes of a sample; without its mask where no later step needs it.
   *
   * @throws CovidException where a step can't be applied; names the case, the step and its input
   */
  public Sample fixed(Sample sample) {
    return applied(sample, prefix(), rest().stream().anyMatch(Step::needsMask));
  }

  /**
   * What the steps after the prefix make of {@link #fixed}'s result.
   *
   * @param caseSeeds the seed tree's node for this case in this epoch
   */
  public Sample random(Sample sample, Seeds caseSeeds) {
    return applied(sample, draw(caseSeeds), false);
  }

  /**
   * The steps after the prefix, each random one drawn from the node below {@code caseSeeds} that
   * has its name (and, for the second of that name and further ones, its number).
   */
  public List<Transform> draw(Seeds caseSeeds) {
    Map<String, Integer> occurrences = new HashMap<>();
    List<Transform> drawn = new ArrayList<>();
    for (Step step : rest()) {
      if (step instanceof RandomTransform random) {
        String name = StepJson.name(step);
        int n = occurrences.merge(name, 1, Integer::sum);
        drawn.add(random.draw(caseSeeds.child(n == 1 ? name : name + "#" + n)));
      } else {
        drawn.add((Transform) step);
      }
    }
    return List.copyOf(drawn);
  }

  /** Whether a step after the prefix needs the mask, which {@link #fixed} then leaves in place. */
  public boolean needsMask() {
    return rest().stream().anyMatch(Step::needsMask);
  }

  /** Whether any step needs the mask, so that a case must have one. */
  public boolean readsMask() {
    return steps.stream().anyMatch(Step::needsMask);
  }

  /** The same for validation and inference: without its random steps. */
  public Pipeline withoutAugmentation() {
    return new Pipeline(steps.stream().filter(s -> s instanceof Transform).toList());
  }

  /** Differs where {@link #fixed} may give another result. */
  public Fingerprint fixedFingerprint() {
    return Fingerprint.of(
        "numerics " + NUMERICS + ", mask " + needsMask() + ", " + StepJson.write(prefix()));
  }

  /** A step's name in JSON, and in a pom. */
  public static String name(Step step) {
    return StepJson.name(step);
  }

  /** The steps as JSON: a list of objects, see {@link Step}. */
  public String toJson() {
    return StepJson.write(steps);
  }

  /**
   * From a list of steps as JSON.
   *
   * @throws CovidException where a name or argument is unknown, missing or out of range
   */
  public static Pipeline fromJson(String json) {
    return new Pipeline(StepJson.read(json));
  }

  private int prefixLength() {
    int n = 0;
    while (n < steps.size() && steps.get(n) instanceof Transform) {
      n++;
    }
    return n;
  }

  private List<Transform> prefix() {
    return steps.subList(0, prefixLength()).stream().map(Transform.class::cast).toList();
  }

  private List<Step> rest() {
    return steps.subList(prefixLength(), steps.size());
  }

  private static Sample applied(Sample sample, List<Transform> transforms, boolean keepMask) {
    Views views = Views.of(sample);
    for (int n = 0; n < transforms.size(); n++) {
      if (!keepMask && transforms.stream().skip(n).noneMatch(Step::needsMask)) {
        views = views.withoutMask();
      }
      Transform transform = transforms.get(n);
      try {
        views =
            transform instanceof ViewTransform v
                ? v.on(views)
                : Views.of(transform.apply(views.toSample()));
      } catch (CovidException | ArithmeticException e) {
        throw failed(views, n + 1, transform, e);
      }
    }
    return (keepMask ? views : views.withoutMask()).toSample();
  }

  private static CovidException failed(
      Views views, int number, Transform transform, RuntimeException e) {
    CovidException known = e instanceof CovidException c ? c : null;
    return new CovidException(
        views.id(),
        "step %d, %s: %s (its input: %s)"
            .formatted(
                number,
                StepJson.name(transform),
                known == null ? e.getMessage() : known.problem(),
                statistics(views.image().toVolume())),
        known == null ? "mend the file or leave the case out" : known.remedy(),
        e);
  }

  private static String statistics(Volume image) {
    float min = Float.POSITIVE_INFINITY;
    float max = Float.NEGATIVE_INFINITY;
    int nan = 0;
    int count = Math.toIntExact(image.shape().voxels());
    for (int i = 0; i < count; i++) {
      float v = image.at(i);
      if (Float.isNaN(v)) {
        nan++;
      } else {
        min = Math.min(min, v);
        max = Math.max(max, v);
      }
    }
    return "shape %s, %s to %s, %d NaN".formatted(image.shape(), min, max, nan);
  }
}
