package org.covidmmar.bundle;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.covidmmar.CovidException;
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.RandomTransform;
import org.covidmmar.transform.ScaleIntensityRange;
import org.covidmmar.transform.Step;

/**
 * A pipeline as MONAI's transforms of dictionaries, from the files of a case to its image.
 *
 * @param fixed up to the first random step
 * @param rest the first random step and what follows
 */
record MonaiTransforms(ArrayNode fixed, ArrayNode rest) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String IMAGE = "image";
  private static final String MASK = "label_image";
  private static final String NEAREST = "nearest";

  /**
   * The transforms of a pipeline.
   *
   * @param kept what a case keeps beside its image, such as its label
   * @throws CovidException where MONAI has no counterpart of a step
   */
  static MonaiTransforms of(Pipeline pipeline, List<String> kept) {
    List<Step> steps = pipeline.steps();
    JsonNode arguments = arguments(pipeline);
    int needed = steps.size();
    while (needed > 0 && !steps.get(needed - 1).needsMask()) {
      needed--;
    }
    ArrayNode fixed = JSON.createArrayNode();
    ArrayNode rest = JSON.createArrayNode();
    ArrayNode list = fixed;
    ObjectNode load = transform("LoadImaged", needed > 0);
    list.add(load.put("ensure_channel_first", true));
    for (int i = 0; i <= steps.size(); i++) {
      if (i < steps.size() && steps.get(i) instanceof RandomTransform) {
        list = rest;
      }
      if (i == needed) {
        // Masks keep their size, which no batch could hold.
        ObjectNode select = JSON.createObjectNode().put("_target_", "SelectItemsd");
        ArrayNode keys = select.putArray("keys").add(IMAGE);
        kept.forEach(keys::add);
        list.add(select);
      }
      if (i < steps.size()) {
        // What the last step that needs the mask makes of it, nobody sees.
        list.add(new StepWriter(arguments.get(i), i < needed - 1).written());
      }
    }
    return new MonaiTransforms(fixed, rest);
  }

  private static JsonNode arguments(Pipeline pipeline) {
    try {
      return JSON.readTree(pipeline.toJson());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a pipeline's own JSON can be read", e);
    }
  }

  private static ObjectNode transform(String name, boolean both) {
    ObjectNode node = JSON.createObjectNode().put("_target_", name);
    if (both) {
      node.putArray("keys").add(IMAGE).add(MASK);
    } else {
      node.put("keys", IMAGE);
    }
    return node;
  }

  /**
   * One step.
   *
   * @param step as our own JSON has it
   * @param both whether the mask is taken along
   */
  private record StepWriter(JsonNode step, boolean both) {
    ObjectNode written() {
      String name = step.path("name").asText();
      return switch (name) {
        case "Identity" -> image("Identityd");
        case "Orient" -> orient();
        case "Spacing" -> with(interpolated("Spacingd", "bilinear"), "mm", "pixdim");
        case "ScaleIntensityRange" ->
            with(
                image("ScaleIntensityRanged"),
                "aMin",
                "a_min",
                "aMax",
                "a_max",
                "bMin",
                "b_min",
                "bMax",
                "b_max",
                "clip",
                "clip");
        case "CropForeground" ->
            with(
                both("CropForegroundd").put("source_key", MASK),
                "margin",
                "margin",
                "allowSmaller",
                "allow_smaller",
                "kDivisible",
                "k_divisible");
        case "Resize" -> resize();
        case "MaskImage" -> image("MaskIntensityd").put("mask_key", MASK);
        case "Flip" -> with(both("Flipd"), "axes", "spatial_axis");
        case "Rotate" -> with(interpolated("Rotated", "bilinear"), "angles", "angle");
        case "Rotate90" -> with(both("Rotate90d"), "k", "k", "axes", "spatial_axes");
        case "Zoom" ->
            with(interpolated("Zoomd", "area").put("padding_mode", "edge"), "factors", "zoom");
        case "AffineWarp" ->
            with(
                warp("Affined"),
                "rotate",
                "rotate_params",
                "shear",
                "shear_params",
                "translate",
                "translate_params",
                "scale",
                "scale_params");
        case "AdjustContrast" -> with(image("AdjustContrastd"), "gamma", "gamma");
        case "ShiftIntensity" -> with(image("ShiftIntensityd"), "offset", "offset");
        case "ScaleIntensity" ->
            with(image("ScaleIntensityd").putNull("minv").putNull("maxv"), "factor", "factor");
        case "RandFlip" -> with(random("RandFlipd"), "axes", "spatial_axis");
        case "RandRotate" -> randRotate();
        case "RandRotate90" ->
            with(random("RandRotate90d"), "maxK", "max_k", "axes", "spatial_axes");
        case "RandZoom" ->
            with(
                with(interpolated("RandZoomd", "area"), "prob", "prob").put("padding_mode", "edge"),
                "min",
                "min_zoom",
                "max",
                "max_zoom");
        case "RandAffine" ->
            with(
                with(warp("RandAffined"), "prob", "prob"),
                "rotate",
                "rotate_range",
                "shear",
                "shear_range",
                "translate",
                "translate_range",
                "scale",
                "scale_range");
        case "RandGaussianNoise" ->
            with(image("RandGaussianNoised"), "prob", "prob", "mean", "mean", "std", "std");
        case "RandAdjustContrast" ->
            with(image("RandAdjustContrastd"), "prob", "prob")
                .set("gamma", pair("minGamma", "maxGamma"));
        case "RandShiftIntensity" ->
            with(image("RandShiftIntensityd"), "prob", "prob", "offset", "offsets");
        case "RandScaleIntensity" ->
            with(image("RandScaleIntensityd"), "prob", "prob", "factor", "factors");
        default ->
            throw new CovidException(
                "transform " + name,
                "has no counterpart in MONAI that gives the same numbers",
                "leave the bundle out: set covid.format to onnx,safetensors");
      };
    }

    private static ObjectNode image(String target) {
      return transform(target, false);
    }

    private ObjectNode both(String target) {
      return transform(target, both);
    }

    private ObjectNode random(String target) {
      return with(both(target), "prob", "prob");
    }

    /** Copies arguments: ours, MONAI's, ours, MONAI's, ... */
    private ObjectNode with(ObjectNode node, String... names) {
      for (int i = 0; i < names.length; i += 2) {
        node.set(names[i + 1], step.get(names[i]));
      }
      return node;
    }

    /** The image by a mode, the mask by the nearest voxel. */
    private ObjectNode interpolated(String target, String mode) {
      ObjectNode node = both(target);
      if (both) {
        node.putArray("mode").add(mode).add(NEAREST);
      } else {
        node.put("mode", mode);
      }
      return node;
    }

    private ObjectNode orient() {
      ObjectNode node = both("Orientationd").put("axcodes", "RAS");
      ArrayNode labels = node.putArray("labels");
      for (String ends : List.of("LR", "PA", "IS")) {
        labels.addArray().add(ends.substring(0, 1)).add(ends.substring(1));
      }
      return node;
    }

    private ObjectNode warp(String target) {
      return interpolated(target, "bilinear").put("padding_mode", "reflection");
    }

    private ObjectNode resize() {
      String mode = step.path("mode").asText();
      ObjectNode node = with(interpolated("Resized", mode), "shape", "spatial_size");
      if (mode.equals("trilinear")) {
        if (both) {
          node.putArray("align_corners").add(false).addNull();
        } else {
          node.put("align_corners", false);
        }
      }
      return node;
    }

    private ObjectNode randRotate() {
      ObjectNode node = with(interpolated("RandRotated", "bilinear"), "prob", "prob");
      for (String axis : List.of("x", "y", "z")) {
        node.set("range_" + axis, step.path("range").get("xyz".indexOf(axis)));
      }
      return node;
    }

    private ArrayNode pair(String low, String high) {
      return JSON.createArrayNode().add(step.get(low)).add(step.get(high));
    }
  }

  /** The range that a pipeline scales intensities to; empty where it does not say. */
  static List<Double> valueRange(Pipeline pipeline) {
    List<Double> range = List.of();
    for (Step step : pipeline.steps()) {
      if (step instanceof ScaleIntensityRange scale && scale.clip()) {
        range = List.of(scale.bMin(), scale.bMax());
      }
    }
    return range;
  }
}
