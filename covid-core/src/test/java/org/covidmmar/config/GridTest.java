package org.covidmmar.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import org.covidmmar.CovidException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GridTest {
  private static List<String> names(String grid) {
    return Grid.parse(grid).points().stream().map(Grid.Point::name).toList();
  }

  @Test
  void everyCombinationTheLastAxisFastest() {
    assertEquals(
        List.of(
            "learningRate=1e-4 seed=0",
            "learningRate=1e-4 seed=1",
            "learningRate=1e-4 seed=2",
            "learningRate=1e-5 seed=0",
            "learningRate=1e-5 seed=1",
            "learningRate=1e-5 seed=2"),
        names("learningRate=1e-4,1e-5;seed=0,1,2"));
  }

  @Test
  void namesMayHaveThePrefixAndSpacesAroundThem() {
    assertEquals(
        Grid.parse("learningRate=1e-4,1e-5;seed=0,1"),
        Grid.parse(" covid.learningRate = 1e-4 , 1e-5 ; covid.seed=0,1 "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "lrPolicy=constant,step(size=30,gamma=0.1)!lrPolicy=constant / lrPolicy=step(size=30,gamma=0.1)",
        "inputShape=64,64,32!inputShape=64,64,32",
        "inputShape=64,64,32|96,96,48!inputShape=64,64,32 / inputShape=96,96,48",
        "classWeights=1,2 | 1,5!classWeights=1,2 / classWeights=1,5",
        "intensityRange=-1000,500!intensityRange=-1000,500",
        "seed=0|1!seed=0 / seed=1",
      })
  void commasWithinAValue(String grid, String points) {
    assertEquals(points, String.join(" / ", names(grid)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "learningRate=1e-4,1e-5;seed=0,1,2",
        "inputShape=64,64,32|96,96,48;lrPolicy=constant,step(size=30,gamma=0.1)",
        "classWeights=1,2",
      })
  void itsTextReadsBack(String text) {
    Grid grid = Grid.parse(text);
    assertEquals(text, grid.toString());
    assertEquals(grid, Grid.parse(grid.toString()));
    assertEquals(grid.size(), grid.points().size());
    assertEquals(grid.size(), new HashSet<>(grid.points()).size());
  }

  @Test
  void theIdIsTheGrids() {
    String id = Grid.parse("seed=0,1").id();
    assertEquals(id, Grid.parse("covid.seed = 0 | 1").id());
    assertNotEquals(id, Grid.parse("seed=0,2").id());
    assertTrue(id.matches("[0-9a-f]{12}"), id);
  }

  @Test
  void aPointWithoutAnAxis() {
    Grid grid = Grid.parse("learningRate=1e-4;seed=0,1");
    assertEquals("learningRate=1e-4", grid.points().get(1).without(Setting.SEED).name());
    assertTrue(grid.has(Setting.SEED));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '!',
      value = {
        "''!expected name=value!learningRate=1e-4,1e-5",
        "seed!expected name=value!learningRate=1e-4,1e-5",
        "seed=0,1;!expected name=value!learningRate=1e-4,1e-5",
        "lerningRate=1e-4!no setting \"lerningRate\"!did you mean learningRate?",
        "covid.seeed=1!no setting \"covid.seeed\"!did you mean seed?",
        "grid=1!grid cannot be swept!covid.grid",
        "output=a,b!output cannot be swept!covid.output",
        "threshold=0.4,0.5!threshold cannot be swept!covid.threshold",
        "model=a,b!model cannot be swept!covid.model",
        "seed=0,1,1!has the same value twice: 1!leave one",
        "learningRate=1e-4,0.0001!the same value twice: 1e-4 and 0.0001!leave one",
        "seed=0;covid.seed=1!seed is given twice!one place",
        "seed=0,,1!has an empty value!between the separators",
        "seed=!has an empty value!between the separators",
        "lrPolicy=step(size=30!parentheses do not match!close",
        "lrPolicy=step)size=30(!parentheses do not match!close",
        "seed=0,1|2!both , and |!one of the two",
        "inputShape=64,64,32,96,96,48!expected three whole numbers!three whole numbers",
        "epochs=0,5!expected a whole number from 1 to 1000000, found \"0\"!whole number",
        "intensityRange=-1000,500|500,-1000!low below high, found \"500,-1000\"!low",
        "lrPolicy=constant,stepp(size=3)!stepp!step",
        "optimizer=adam,adamm!found \"adamm\"!did you mean adam?",
      })
  void whatIsNoGridIsRefusedByName(String grid, String problem, String remedy) {
    CovidException e = assertThrows(CovidException.class, () -> Grid.parse(grid));
    assertTrue(e.problem().contains(problem), e.getMessage());
    assertTrue(e.remedy().contains(remedy), e.getMessage());
  }

  @Test
  void everyMistakeIsListed() {
    CovidException e =
        assertThrows(
            CovidException.class, () -> Grid.parse("epoch=3;batchSize=0,x;seed=0,0;recipe=mmar"));
    assertEquals("covid.grid", e.subject());
    assertTrue(e.problem().startsWith("4 problems"), e.getMessage());
  }

  @Test
  void tooManyPointsAreRefused() {
    StringBuilder seeds = new StringBuilder("seed=0");
    for (int i = 1; i < Grid.LARGEST; i++) {
      seeds.append(',').append(i);
    }
    assertEquals(Grid.LARGEST, Grid.parse(seeds.toString()).points().size());
    CovidException e =
        assertThrows(CovidException.class, () -> Grid.parse(seeds + ";epochs=1,2,3"));
    assertTrue(e.problem().contains("makes 3000 runs, at most 1000"), e.getMessage());
  }
}
