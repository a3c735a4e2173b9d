package org.covidmmar.mmar;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.covidmmar.config.Setting;
import org.covidmmar.transform.Augmentation;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Recipes;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;

/**
 * The pipeline of an MMAR as the settings of a recipe, where one is the same, so that single
 * settings can be replaced.
 */
final class MmarPipeline {
  /** What replaces a part of a recipe, and has no place in a pipeline that is none. */
  private static final List<Setting> OF_RECIPES =
      List.of(Setting.RECIPE, Setting.RESIZE, Setting.INTENSITY_RANGE, Setting.AUGMENTATION);

  private final Document document;
  private final List<Step> steps;
  private final String path;

  /**
   * @param path where the transforms stand
   */
  MmarPipeline(Document document, List<Step> steps, String path) {
    this.document = document;
    this.steps = steps;
    this.path = path;
  }

  /** The network's input; empty where nothing resizes to it. */
  Optional<Shape> inputShape() {
    return steps.stream()
        .filter(Resize.class::isInstance)
        .map(step -> ((Resize) step).shape())
        .reduce((first, last) -> last);
  }

  List<Step> withoutAugmentation() {
    return new Pipeline(steps).withoutAugmentation().steps();
  }

  /**
   * Sets what the steps mean.
   *
   * @param overrides what the user gave on the command line
   * @param random whether random steps may be among them: where they may not, augmentation is not
   *     this list's to set
   * @return the steps, spelled out; null where the settings say it all
   */
  List<Step> settings(Map<Setting, String> overrides, boolean random) {
    inputShape().ifPresent(shape -> document.set(Setting.INPUT_SHAPE, shape.toString(), path));
    Optional<ScaleIntensityRange> range =
        steps.stream()
            .filter(ScaleIntensityRange.class::isInstance)
            .map(ScaleIntensityRange.class::cast)
            .findFirst();
    if (range.isPresent() && inputShape().isPresent()) {
      double low = range.get().aMin();
      double high = range.get().aMax();
      for (Augmentation augmentation : Augmentation.values()) {
        Optional<String> recipe = recipe(inputShape().get(), low, high, augmentation);
        if (recipe.isPresent()) {
          document.set(Setting.RECIPE, recipe.get(), path);
          document.set(Setting.RESIZE, ResizeMode.AREA.toString(), path);
          document.set(Setting.INTENSITY_RANGE, plain(low) + "," + plain(high), path);
          if (random) {
            document.set(Setting.AUGMENTATION, augmentation.toString(), path);
          }
          return null;
        }
      }
    }
    for (Setting setting : OF_RECIPES) {
      if (overrides.containsKey(setting)) {
        document.problem(
            path,
            "-D"
                + setting.property()
                + " replaces a part of a recipe, but these transforms are no recipe's",
            "leave it out, or change the transforms");
      }
    }
    return resized(overrides.get(Setting.INPUT_SHAPE));
  }

  private Optional<String> recipe(Shape shape, double low, double high, Augmentation random) {
    ResizeMode mode = ResizeMode.AREA;
    if (steps.equals(Recipes.mmar(shape, mode, low, high, random).steps())) {
      return Optional.of("mmar");
    }
    return steps.equals(Recipes.naturecomm(shape, mode, low, high, random).steps())
        ? Optional.of("naturecomm")
        : Optional.empty();
  }

  private List<Step> resized(String given) {
    if (given == null || inputShape().isEmpty()) {
      return steps;
    }
    Shape shape = (Shape) Setting.INPUT_SHAPE.parse(given);
    Shape own = inputShape().get();
    List<Step> replaced = new ArrayList<>();
    for (Step step : steps) {
      boolean last = step instanceof Resize resize && resize.shape().equals(own);
      replaced.add(last ? new Resize(shape, ((Resize) step).mode()) : step);
    }
    return replaced;
  }

  private static String plain(double hu) {
    return BigDecimal.valueOf(hu).stripTrailingZeros().toPlainString();
  }
}
