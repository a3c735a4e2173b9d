package org.covidmmar.maven;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.codehaus.plexus.configuration.PlexusConfiguration;
import org.covidmmar.CovidException;
import org.covidmmar.transform.Step;

/**
 * Reads a pipeline from the pom: an element for each transform, in it an element for each argument.
 * An argument is written as in JSON, a list also without its brackets: {@code
 * <Resize><shape>192,192,64</shape><mode>area</mode></Resize>}.
 */
final class PreTransforms {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private PreTransforms() {}

  /**
   * The steps in the order of their elements.
   *
   * @throws CovidException that lists every transform which is not as it should be
   */
  static List<Step> read(PlexusConfiguration preTransforms) {
    List<Step> steps = new ArrayList<>();
    List<CovidException> problems = new ArrayList<>();
    for (PlexusConfiguration element : preTransforms.getChildren()) {
      ObjectNode node = JSON.createObjectNode().put("name", element.getName());
      for (PlexusConfiguration argument : element.getChildren()) {
        node.set(argument.getName(), value(argument));
      }
      try {
        steps.add(JSON.treeToValue(node, Step.class));
      } catch (CovidException e) {
        problems.add(e);
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a tree is always readable: " + node, e);
      }
    }
    if (steps.isEmpty() && problems.isEmpty()) {
      problems.add(
          new CovidException(
              "<preTransforms>", "is empty", "write a transform into it, or remove it"));
    }
    if (!problems.isEmpty()) {
      throw CovidException.all("<preTransforms>", problems);
    }
    return steps;
  }

  private static JsonNode value(PlexusConfiguration argument) {
    if (argument.getChildCount() > 0) {
      ArrayNode list = JSON.createArrayNode();
      for (PlexusConfiguration item : argument.getChildren()) {
        list.add(value(item));
      }
      return list;
    }
    String text = argument.getValue("").strip();
    JsonNode value = parse(text);
    if (value == null && text.contains(",")) {
      value = parse("[" + text + "]");
    }
    return value != null ? value : JSON.getNodeFactory().textNode(text);
  }

  /** Null where the text is no JSON. */
  private static JsonNode parse(String text) {
    try {
      JsonNode node = JSON.readTree(text);
      return node.isMissingNode() ? null : node;
    } catch (JsonProcessingException e) {
      return null;
    }
  }
}
