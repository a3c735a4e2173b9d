package org.covidmmar.transform;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.volume.Shape;

/** Steps as JSON: {@code name}, then the record's components in their order, all of them given. */
final class StepJson {
  private static final String NAME = "name";
  private static final Map<String, Class<? extends Record>> STEPS =
      Stream.<Class<? extends Record>>of(
              Orient.class,
              Spacing.class,
              ScaleIntensityRange.class,
              CropForeground.class,
              Resize.class,
              MaskImage.class,
              Identity.class,
              Flip.class,
              Rotate.class,
              Rotate90.class,
              Zoom.class,
              GaussianNoise.class,
              AdjustContrast.class,
              ShiftIntensity.class,
              ScaleIntensity.class,
              AffineWarp.class,
              RandFlip.class,
              RandRotate.class,
              RandRotate90.class,
              RandZoom.class,
              RandGaussianNoise.class,
              RandAdjustContrast.class,
              RandShiftIntensity.class,
              RandScaleIntensity.class,
              RandAffine.class)
          .collect(Collectors.toUnmodifiableMap(Class::getSimpleName, Function.identity()));
  private static final ObjectMapper MAPPER =
      JsonMapper.builder()
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .addMixIn(Shape.class, AsArray.class)
          .build();

  private StepJson() {}

  @JsonFormat(shape = JsonFormat.Shape.ARRAY)
  @JsonPropertyOrder({"x", "y", "z"})
  private interface AsArray {}

  static Set<String> names() {
    return STEPS.keySet();
  }

  static String name(Step step) {
    return step.getClass().getSimpleName();
  }

  static String write(List<? extends Step> steps) {
    ArrayNode list = MAPPER.createArrayNode();
    steps.forEach(step -> list.add(toTree(step)));
    return list.toString();
  }

  static List<Step> read(String json) {
    try {
      JsonNode list = MAPPER.readTree(json);
      if (!list.isArray()) {
        throw new CovidException(
            "transforms", "expected a list, found " + list, "write [ ] around the transforms");
      }
      List<Step> steps = new ArrayList<>();
      list.forEach(node -> steps.add(toStep(node)));
      return steps;
    } catch (JsonProcessingException e) {
      throw new CovidException("transforms", e.getOriginalMessage(), "mend the JSON", e);
    }
  }

  static ObjectNode toTree(Step step) {
    ObjectNode node = MAPPER.createObjectNode().put(NAME, name(step));
    for (RecordComponent component : step.getClass().getRecordComponents()) {
      try {
        node.set(component.getName(), MAPPER.valueToTree(component.getAccessor().invoke(step)));
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("a public record's accessor can be called", e);
      }
    }
    return node;
  }

  static Step toStep(JsonNode node) {
    JsonNode named = node.get(NAME);
    if (named == null || !named.isTextual()) {
      throw new CovidException(
          "transform " + node,
          "expected an object with a name, found none",
          "give it a name: one of " + STEPS.keySet().stream().sorted().toList());
    }
    String name = named.textValue();
    Class<? extends Record> type = STEPS.get(name);
    if (type == null) {
      throw new CovidException(
          "transform " + name, "is unknown", DidYouMean.remedy(name, STEPS.keySet()));
    }
    RecordComponent[] components = type.getRecordComponents();
    checkArguments(name, node, components);
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = value(name, node, components[i]);
    }
    return construct(name, type, components, values);
  }

  private static void checkArguments(String name, JsonNode node, RecordComponent[] components) {
    List<String> known = Arrays.stream(components).map(RecordComponent::getName).toList();
    node.fieldNames()
        .forEachRemaining(
            argument -> {
              if (!argument.equals(NAME) && !known.contains(argument)) {
                throw new CovidException(
                    name + "." + argument,
                    "is an unknown argument",
                    known.isEmpty()
                        ? "remove it: " + name + " has none"
                        : DidYouMean.remedy(argument, known));
              }
            });
    for (String argument : known) {
      if (!node.hasNonNull(argument)) {
        throw new CovidException(
            name + "." + argument, "is missing", "give " + name + " all of " + known);
      }
    }
  }

  private static Object value(String name, JsonNode node, RecordComponent component) {
    JsonNode given = node.get(component.getName());
    try {
      return MAPPER.treeToValue(
          given, MAPPER.getTypeFactory().constructType(component.getGenericType()));
    } catch (JsonProcessingException e) {
      throw new CovidException(
          name + "." + component.getName(),
          "expected " + expected(component.getType()) + ", found " + given,
          "give it such a value",
          e);
    }
  }

  private static String expected(Class<?> type) {
    if (type == boolean.class) {
      return "true or false";
    }
    if (type == int.class || type == long.class) {
      return "a whole number";
    }
    if (type == double.class) {
      return "a number";
    }
    if (type == Shape.class) {
      return "[x, y, z], whole numbers of at least 1";
    }
    if (type.isEnum()) {
      return "one of " + Arrays.toString(type.getEnumConstants());
    }
    return type == List.class ? "a list of numbers" : "[x, y, z]";
  }

  private static Step construct(
      String name, Class<? extends Record> type, RecordComponent[] components, Object[] values) {
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    try {
      return (Step) type.getConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof CovidException c) {
        throw new CovidException(name + "." + c.subject(), c.problem(), c.remedy(), c);
      }
      throw new IllegalStateException(name + " " + Arrays.toString(values), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record's constructor can be called", e);
    }
  }

  /** Writes a step wherever it stands in a larger value. */
  static final class Serializer extends JsonSerializer<Step> {
    @Override
    public void serialize(Step step, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeTree(toTree(step));
    }
  }

  /** Reads a step wherever it stands in a larger value. */
  static final class Deserializer extends JsonDeserializer<Step> {
    @Override
    public Step deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return toStep(context.readTree(in));
    }
  }
}
