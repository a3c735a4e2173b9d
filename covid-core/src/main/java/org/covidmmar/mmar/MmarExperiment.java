package org.covidmmar.mmar;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.covidmmar.config.Setting;
import org.covidmmar.transform.Step;

/**
 * What the configuration of an MMAR means here.
 *
 * @param config the configuration file that was read
 * @param settings what it sets; where the user gave the same on the command line, that
 * @param preTransforms its pipeline spelled out; null where the settings name a recipe that is the
 *     same
 * @param notes what it says that has no effect here, or another one, in sentences
 */
public record MmarExperiment(
    Path config, SortedMap<Setting, Value> settings, List<Step> preTransforms, List<String> notes) {

  /**
   * A setting's text.
   *
   * @param place the file and the key in it; empty where it is the user's own
   */
  public record Value(String text, String place) {}

  public MmarExperiment {
    settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
    preTransforms = preTransforms == null ? null : List.copyOf(preTransforms);
    notes = List.copyOf(notes);
  }

  /** Puts its settings over others', where those have such a setting at all. */
  public void putOver(Map<Setting, String> given) {
    settings.forEach((setting, value) -> given.replace(setting, value.text()));
  }
}
