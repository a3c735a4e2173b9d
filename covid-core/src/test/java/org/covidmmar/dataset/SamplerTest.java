package org.covidmmar.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.covidmmar.Seeds;
import org.covidmmar.Thrown;
import org.junit.jupiter.api.Test;

class SamplerTest {
  private static final Seeds RUN = new Seeds(11);

  /** One case in ten is of class 1. */
  private static List<Case> cases(int count) {
    List<Case> cases = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      cases.add(new Case("c" + n, Path.of("c" + n + ".nii"), null, n % 10 == 0 ? 1 : 0));
    }
    return cases;
  }

  @Test
  void shufflingTakesEachCaseOnceAnewInEachEpoch() {
    List<Case> cases = cases(100);
    List<Case> order = Sampler.shuffled(cases, RUN, 3);
    assertEquals(order, Sampler.shuffled(cases, RUN, 3));
    assertEquals(100, order.size());
    assertEquals(new HashSet<>(cases), new HashSet<>(order));
    assertNotEquals(cases, order);
    assertNotEquals(order, Sampler.shuffled(cases, RUN, 4));
    assertNotEquals(order, Sampler.shuffled(cases, new Seeds(12), 3));
  }

  @Test
  void everyPlaceIsEquallyLikely() {
    List<Case> cases = cases(10);
    int epochs = 4000;
    int[] places = new int[10];
    for (int epoch = 0; epoch < epochs; epoch++) {
      places[Sampler.shuffled(cases, RUN, epoch).indexOf(cases.get(0))]++;
    }
    for (int count : places) {
      // Binomial(4000, 0.1): 5 standard deviations are 95.
      assertTrue(Math.abs(count - 400) <= 95, () -> Arrays.toString(places));
    }
  }

  @Test
  void balancingDrawsClassesAlikeAndAllCasesOfAClass() {
    List<Case> cases = cases(2000);
    List<Case> order = Sampler.balanced(cases, RUN, 1);
    assertEquals(order, Sampler.balanced(cases, RUN, 1));
    assertNotEquals(order, Sampler.balanced(cases, RUN, 2));
    assertEquals(2000, order.size());
    long positive = order.stream().filter(c -> c.label() == 1).count();
    // Binomial(2000, 0.5): 5 standard deviations are 112.
    assertTrue(Math.abs(positive - 1000) <= 112, () -> positive + " of 2000 positive");
    long distinct = order.stream().filter(c -> c.label() == 1).distinct().count();
    assertTrue(distinct > 190, () -> distinct + " of 200 cases drawn");
  }

  @Test
  void balancingNeedsLabels() {
    Case unknown = new Case("u", Path.of("u.nii"), null, null);
    Thrown.by(() -> Sampler.balanced(List.of(unknown), RUN, 1), "u.nii", "no label", "-> give");
  }

  /** As MONAI's SmartCacheDataset(cache_num=4, replace_rate=0.3) goes over ten items: by two. */
  @Test
  void aPartOfTheListMovesOnFromEpochToEpoch() {
    List<Case> cases = cases(10);
    List<Case> first = Sampler.part(cases, 4, 0.3, RUN, 1);
    List<Case> second = Sampler.part(cases, 4, 0.3, RUN, 2);
    assertEquals(4, new HashSet<>(first).size());
    assertEquals(first.subList(2, 4), second.subList(0, 2));
    assertTrue(first.stream().noneMatch(second.subList(2, 4)::contains));
    assertEquals(first, Sampler.part(cases, 4, 0.3, RUN, 6));
    Set<Case> all = new HashSet<>();
    for (int epoch = 1; epoch <= 5; epoch++) {
      all.addAll(Sampler.part(cases, 4, 0.3, RUN, epoch));
    }
    assertEquals(new HashSet<>(cases), all);
    assertNotEquals(first, Sampler.part(cases, 4, 0.3, new Seeds(12), 1));
  }

  @Test
  void aPartIsAllWhereTheListHasNoMore() {
    List<Case> cases = cases(10);
    assertEquals(cases, Sampler.part(cases, 10, 0.2, RUN, 3));
    // No more can be replaced than are left.
    assertEquals(
        Sampler.part(cases, 9, 0.2, RUN, 1).subList(1, 9),
        Sampler.part(cases, 9, 0.2, RUN, 2).subList(0, 8));
  }
}
