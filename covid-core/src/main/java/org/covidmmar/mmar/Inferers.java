package org.covidmmar.mmar;

import java.util.List;
import java.util.Optional;
import org.covidmmar.config.Setting;
import org.covidmmar.mmar.Document.Element;

/** How an MMAR applies its network. */
final class Inferers {
  private static final String KEY = "inferer";
  private static final String SIMPLE = "TFSimpleInferer";
  private static final String SALIENCY = "TFSaliencyInferer";

  private Inferers() {}

  /** The only one of a training's validation. */
  static void simple(Document document, Fields parent) {
    document
        .element(parent, KEY)
        .filter(inferer -> !inferer.name().equals(SIMPLE))
        .ifPresent(inferer -> document.unknown(inferer, List.of(SIMPLE)));
  }

  /** That of an evaluation, which may ask for saliency. */
  static void any(Document document, Fields parent) {
    Optional<Element> inferer = document.element(parent, KEY);
    if (inferer.isEmpty() || inferer.get().name().equals(SIMPLE)) {
      return;
    }
    if (!inferer.get().name().equals(SALIENCY)) {
      document.unknown(inferer.get(), List.of(SIMPLE, SALIENCY));
      return;
    }
    document.set(Setting.SALIENCY, "gradcam", inferer.get().path());
    inferer
        .get()
        .args()
        .text("conv_layer_name")
        .ifPresent(
            layer ->
                document.note(
                    "conv_layer_name: Grad-CAM takes the network's last features, not the layer "
                        + layer
                        + " of a TensorFlow graph"));
  }
}
