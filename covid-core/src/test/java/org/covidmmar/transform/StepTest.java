package org.covidmmar.transform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.covidmmar.CovidException;
import org.covidmmar.volume.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class StepTest {
  private static final List<Double> SHEAR = List.of(0.1, -0.1, 0.05, 0.0, 0.02, -0.03);
  private static final List<Double> SHEARS = List.of(0.1, 0.1, 0.05, 0.0, 0.02, 0.03);

  static Stream<Step> steps() {
    return Stream.of(
        new Orient(),
        new Spacing(new PerAxis(1, 1.3, 2)),
        new ScaleIntensityRange(-1000, 500, 0, 1, true),
        new ScaleIntensityRange(-1000, 500, -1, 2.5, false),
        new CropForeground(1, true, 1),
        new CropForeground(2, false, 4),
        new Resize(new Shape(5, 11, 7), ResizeMode.AREA),
        new Resize(new Shape(5, 11, 7), ResizeMode.TRILINEAR),
        new MaskImage(),
        new Identity(),
        new Flip(List.of(2, 0)),
        new Rotate(new PerAxis(0.3, -0.2, 0.5)),
        new Rotate90(1, List.of(0, 1)),
        new Rotate90(3, List.of(2, 1)),
        new Zoom(new PerAxis(0.8, 1.2, 1)),
        new GaussianNoise(0.5, 2, -3),
        new AdjustContrast(2.5),
        new ShiftIntensity(-0.25),
        new ScaleIntensity(0.1),
        new AffineWarp(
            new PerAxis(0.1, 0.2, 0.3), SHEAR, new PerAxis(1, -2, 0.5), new PerAxis(1.1, 0.9, 1)),
        new RandFlip(0.5, List.of(0)),
        new RandRotate(0.9, new PerAxis(0.1, 0.2, 0)),
        new RandRotate90(0.9, 3, List.of(0, 2)),
        new RandZoom(0.9, PerAxis.all(0.8), new PerAxis(1.2, 1, 0.9)),
        new RandGaussianNoise(0.75, 0, 0.1),
        new RandAdjustContrast(0.5, 0.5, 4.5),
        new RandShiftIntensity(0.9, 10),
        new RandScaleIntensity(1, 0.1),
        new RandAffine(
            0.9, PerAxis.all(0.2), SHEARS, new PerAxis(2, 2, 1), new PerAxis(0.1, 0.1, 0)));
  }

  @ParameterizedTest
  @MethodSource("steps")
  void holdsWhatEveryStepHolds(Step step) {
    StepHarness.check(step);
  }

  @Test
  void everyStepIsTried() {
    CovidException e =
        assertThrows(CovidException.class, () -> Pipeline.fromJson("[{\"name\":\"Pudding\"}]"));
    String known = String.join(", ", new TreeSet<>(StepJson.names()));
    assertEquals("use one of " + known, e.remedy());
    assertEquals(
        new TreeSet<>(StepJson.names()),
        steps().map(StepJson::name).collect(Collectors.toCollection(TreeSet::new)));
  }

  @Test
  void referenceListsEachStepWithItsArguments() throws IOException {
    List<String> rows =
        Files.readAllLines(Path.of("..", "docs", "reference", "transforms.md")).stream()
            .filter(line -> line.startsWith("| "))
            .map(line -> line.split("\\|", -1)[1].strip() + ":" + line.split("\\|", -1)[2].strip())
            .filter(row -> !row.contains(" step:"))
            .sorted()
            .toList();
    List<String> expected =
        steps()
            .map(
                step ->
                    StepJson.name(step)
                        + ":"
                        + Arrays.stream(step.getClass().getRecordComponents())
                            .map(RecordComponent::getName)
                            .collect(Collectors.joining(", ")))
            .distinct()
            .sorted()
            .toList();
    assertEquals(expected, rows);
  }

  @Test
  void writesTheNameAndEachArgument() {
    assertEquals(
        "[{\"name\":\"Resize\",\"shape\":[192,192,64],\"mode\":\"area\"},"
            + "{\"name\":\"RandZoom\",\"prob\":0.25,\"min\":[0.8,0.8,0.8],\"max\":[1.2,1.2,1.2]},"
            + "{\"name\":\"Flip\",\"axes\":[0,2]}]",
        new Pipeline(
                List.of(
                    new Resize(new Shape(192, 192, 64), ResizeMode.AREA),
                    new RandZoom(0.25, PerAxis.all(0.8), PerAxis.all(1.2)),
                    new Flip(List.of(0, 2))))
            .toJson());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'name':'CropForground','margin':5} | transform CropForground | did you mean CropForeground?",
        "{'name':'AdjustContrast','gama':2} | AdjustContrast.gama | did you mean gamma?",
        "{'name':'Orient','to':'RAS'} | Orient.to | remove it: Orient has none",
        "{'margin':5} | transform {'margin':5} | give it a name",
        "{'name':'AdjustContrast'} | AdjustContrast.gamma | give AdjustContrast all of [gamma]",
        "{'name':'AdjustContrast','gamma':null} | AdjustContrast.gamma | give AdjustContrast all",
        "{'name':'AdjustContrast','gamma':'2'} | AdjustContrast.gamma | give it such a value",
        "{'name':'AdjustContrast','gamma':0} | AdjustContrast.gamma | give it such a value",
        "{'name':'Flip','axes':[0,3]} | Flip.axes | give it such a value",
        "{'name':'Flip','axes':[0,0]} | Flip.axes | give it such a value",
        "{'name':'Flip','axes':[0.5]} | Flip.axes | give it such a value",
        "{'name':'Flip','axes':[]} | Flip.axes | give it such a value",
        "{'name':'Rotate90','k':1,'axes':[0]} | Rotate90.axes | give it such a value",
        "{'name':'Rotate90','k':4,'axes':[0,1]} | Rotate90.k | give it such a value",
        "{'name':'Resize','shape':[9,9,0],'mode':'area'} | Resize.shape | give it such a value",
        "{'name':'Resize','shape':[9,9],'mode':'area'} | Resize.shape | give it such a value",
        "{'name':'Resize','shape':[9,9,9],'mode':'cubic'} | Resize.mode | give it such a value",
        "{'name':'Zoom','factors':[1,1,-1]} | Zoom.factors | give it such a value",
        "{'name':'Spacing','mm':[1,1]} | Spacing.mm | give it such a value",
        "{'name':'RandFlip','prob':1.5,'axes':[0]} | RandFlip.prob | give it such a value",
        "{'name':'RandZoom','prob':1,'min':[1,1,1],'max':[1,0.9,1]} | RandZoom.max | give",
        "{'name':'GaussianNoise','mean':0,'std':-1,'seed':1} | GaussianNoise.std | give",
        "{'name':'CropForeground','margin':-1,'allowSmaller':true,'kDivisible':1} "
            + "| CropForeground.margin | give",
        "{'name':'ScaleIntensityRange','aMin':5,'aMax':5,'bMin':0,'bMax':1,'clip':true} "
            + "| ScaleIntensityRange.aMax | give",
      })
  void refusesWhatItDoesNotKnow(String json, String subject, String remedy) {
    String list = "[" + json.replace('\'', '"') + "]";
    CovidException e = assertThrows(CovidException.class, () -> Pipeline.fromJson(list));
    assertEquals(subject.replace('\'', '"'), e.subject());
    assertTrue(e.remedy().startsWith(remedy), e.remedy());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{} | expected a list", "[{ | Unexpected end-of-input", "'' | expected a list"})
  void refusesWhatIsNoList(String json, String problem) {
    CovidException e = assertThrows(CovidException.class, () -> Pipeline.fromJson(json));
    assertTrue(e.problem().startsWith(problem), e.problem());
  }

  @Test
  void refusesValuesThatJsonCannotHold() {
    for (double bad : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused("aMin", () -> new ScaleIntensityRange(bad, 1, 0, 1, true));
      assertRefused("bMax", () -> new ScaleIntensityRange(0, 1, 0, bad, true));
      assertRefused("mm", () -> new Spacing(new PerAxis(1, bad, 1)));
      assertRefused("angles", () -> new Rotate(new PerAxis(1, bad, 1)));
      assertRefused("factors", () -> new Zoom(new PerAxis(1, bad, 1)));
      assertRefused("std", () -> new RandGaussianNoise(1, 0, bad));
      assertRefused("prob", () -> new RandShiftIntensity(bad, 1));
      assertRefused("offset", () -> new ShiftIntensity(bad));
      assertRefused("factor", () -> new ScaleIntensity(bad));
      assertRefused("gamma", () -> new AdjustContrast(bad));
      assertRefused("maxGamma", () -> new RandAdjustContrast(1, 1, bad));
      assertRefused(
          "shear",
          () ->
              new AffineWarp(
                  PerAxis.all(0),
                  List.of(0.0, 0.0, 0.0, 0.0, 0.0, bad),
                  PerAxis.all(0),
                  PerAxis.all(1)));
    }
    assertRefused("shape", () -> new Resize(null, ResizeMode.AREA));
    assertRefused("scale", () -> randAffine(PerAxis.all(1)));
  }

  private static void randAffine(PerAxis scale) {
    new RandAffine(1, PerAxis.all(0), SHEARS, PerAxis.all(0), scale);
  }

  private static void assertRefused(String argument, Runnable construction) {
    CovidException e = assertThrows(CovidException.class, construction::run);
    assertEquals(argument, e.subject());
  }
}
