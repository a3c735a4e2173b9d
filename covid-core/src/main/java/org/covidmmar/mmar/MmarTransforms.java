package org.covidmmar.mmar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.covidmmar.CovidException;
import org.covidmmar.mmar.Document.Element;
import org.covidmmar.transform.CropForeground;
import org.covidmmar.transform.MaskImage;
import org.covidmmar.transform.Orient;
import org.covidmmar.transform.PerAxis;
import org.covidmmar.transform.RandAdjustContrast;
import org.covidmmar.transform.RandGaussianNoise;
import org.covidmmar.transform.RandScaleIntensity;
import org.covidmmar.transform.RandZoom;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.transform.Step;
import org.covidmmar.volume.Shape;

/** The transforms of an MMAR as steps of a pipeline; what they mean: {@code Recipes}. */
final class MmarTransforms {
  static final String IMAGE = "image";
  static final String MASK = "label_image";
  private static final String LOAD = "LoadNifti";
  private static final String FIELDS = "fields";
  private static final String PROBABILITY = "probability";

  private final Document document;
  private final Map<String, BiFunction<Element, List<Step>, List<Step>>> known = new TreeMap<>();

  MmarTransforms(Document document) {
    this.document = document;
    known.put(LOAD, this::load);
    known.put("ScaleIntensityRange", (e, before) -> scale(e));
    known.put("CropForegroundObject", (e, before) -> crop(e));
    known.put("ScaleIntensityOscillation", (e, before) -> oscillation(e));
    known.put("AdjustContrast", (e, before) -> contrast(e));
    known.put("AddGaussianNoise", (e, before) -> noise(e));
    known.put("RandomZoom", (e, before) -> zoom(e));
    known.put("MaskImage", (e, before) -> mask(e));
    known.put("SaveAsNifti", (e, before) -> save(e));
    known.put("ConvertToChannelsLast", (e, before) -> layout(e));
  }

  /** The steps of the list of transforms under a key, in their order. */
  List<Step> steps(Fields parent, String key) {
    List<Element> elements = document.elements(parent, key);
    List<Step> steps = new ArrayList<>();
    for (Element element : elements) {
      BiFunction<Element, List<Step>, List<Step>> reader = known.get(element.name());
      if (reader == null) {
        document.unknown(element, List.copyOf(known.keySet()));
        continue;
      }
      int found = document.problems();
      try {
        steps.addAll(reader.apply(element, List.copyOf(steps)));
      } catch (CovidException e) {
        // A number that is missing is out of range too.
        if (document.problems() == found) {
          document.problem(element.path() + ", " + e.subject(), e.problem(), e.remedy());
        }
      }
    }
    if (elements.isEmpty() || !elements.get(0).name().equals(LOAD)) {
      document.problem(
          parent.path(key), "the first transform is not " + LOAD, "begin with " + LOAD);
    }
    return steps;
  }

  private List<Step> load(Element element, List<Step> before) {
    Fields args = element.args();
    List<String> fields = args.texts(FIELDS);
    if (!fields.contains(IMAGE) || !List.of(IMAGE, MASK).containsAll(fields)) {
      document.problem(
          args.path(FIELDS),
          "expected " + IMAGE + " and " + MASK + ", found " + fields,
          "set it to \"" + IMAGE + "," + MASK + "\"");
    }
    if (!before.isEmpty()) {
      document.problem(element.path(), "is not the first transform", "put it there");
    }
    return args.flag("as_closest_canonical").orElse(false) ? List.of(new Orient()) : List.of();
  }

  private List<Step> scale(Element element) {
    Fields args = element.args();
    image(args, FIELDS);
    double aMin = args.required("a_min");
    double aMax = args.required("a_max");
    double bMin = args.required("b_min");
    double bMax = args.required("b_max");
    boolean clip = args.flag("clip").orElse(false);
    return List.of(new ScaleIntensityRange(aMin, aMax, bMin, bMax, clip));
  }

  private List<Step> crop(Element element) {
    Fields args = element.args();
    image(args, FIELDS);
    field(args, "label_field", MASK);
    double pad = args.number("pad").orElse(0.0);
    List<Double> size = args.numbers("size", 3);
    if (size.isEmpty()) {
      return List.of();
    }
    if (pad != Math.rint(pad) || size.stream().anyMatch(n -> n != Math.rint(n) || n < 1)) {
      document.problem(
          element.path(),
          "expected whole numbers, found pad " + pad + " and size " + size,
          "give whole numbers of voxels");
      return List.of();
    }
    Shape shape = new Shape(size.get(0).intValue(), size.get(1).intValue(), size.get(2).intValue());
    return List.of(new CropForeground((int) pad, true, 1), new Resize(shape, ResizeMode.AREA));
  }

  private List<Step> oscillation(Element element) {
    image(element.args(), FIELDS);
    return List.of(new RandScaleIntensity(1, element.args().required("magnitude")));
  }

  private List<Step> contrast(Element element) {
    Fields args = element.args();
    image(args, FIELDS);
    double probability = args.required(PROBABILITY);
    double min = args.required("min_gamma");
    double max = args.required("max_gamma");
    return List.of(new RandAdjustContrast(probability, min, max));
  }

  private List<Step> noise(Element element) {
    Fields args = element.args();
    image(args, FIELDS);
    double probability = args.required(PROBABILITY);
    return List.of(new RandGaussianNoise(probability, 0, args.required("variance")));
  }

  private List<Step> zoom(Element element) {
    Fields args = element.args();
    field(args, "image_field", IMAGE);
    field(args, "label_field", MASK);
    args.only("keep_size", true, "the network has one input shape");
    double probability = args.required(PROBABILITY);
    List<Double> lower = args.numbers("lower_limits", 3);
    List<Double> upper = args.numbers("upper_limits", 3);
    return lower.isEmpty() || upper.isEmpty()
        ? List.of()
        : List.of(new RandZoom(probability, perAxis(lower), perAxis(upper)));
  }

  private static PerAxis perAxis(List<Double> values) {
    return new PerAxis(values.get(0), values.get(1), values.get(2));
  }

  private List<Step> mask(Element element) {
    field(element.args(), "image_field", IMAGE);
    field(element.args(), "mask_field", MASK);
    return List.of(new MaskImage());
  }

  private List<Step> save(Element element) {
    element.args().texts(FIELDS);
    element.args().text("out_dir");
    element.args().flag("interrupt");
    document.problem(
        element.path(),
        "volumes between the transforms are not saved here",
        "set \"disabled\": true; covid:check and the report show what the network sees");
    return List.of();
  }

  private List<Step> layout(Element element) {
    element.args().texts(FIELDS);
    document.withoutEffect(element.path(), element.name());
    return List.of();
  }

  /** Intensities are changed of the image alone. */
  private void image(Fields args, String key) {
    List<String> fields = args.texts(key);
    if (!fields.isEmpty() && !fields.equals(List.of(IMAGE))) {
      document.problem(
          args.path(key),
          "expected " + IMAGE + ", found " + String.join(",", fields),
          "set it to \"" + IMAGE + "\"");
    }
  }

  private void field(Fields args, String key, String expected) {
    args.only(key, "a case has one image and one lung mask", expected);
  }
}
