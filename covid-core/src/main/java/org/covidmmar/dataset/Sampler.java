package org.covidmmar.dataset;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.ListSampler;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;

/**
 * The cases of a training epoch and their order: a function of the run's seed, the epoch and the
 * list alone. An epoch draws as many cases as the list it is given has.
 */
public final class Sampler {
  private Sampler() {}

  /**
   * The cases of an epoch where it is made of a part of the list, as MONAI's SmartCacheDataset: the
   * list is shuffled once, the first {@code n} of it are the first epoch's, and from one epoch to
   * the next the part moves on by {@code n} times {@code replaced}, rounded up, beginning anew at
   * the list's end.
   *
   * @param n cases in an epoch; where the list has no more, all of them are in every epoch
   * @param replaced share of them that is replaced, above 0 to 1
   * @param run the run's seed
   * @param epoch number of the epoch, from 1 on
   */
  public static List<Case> part(List<Case> cases, int n, double replaced, Seeds run, long epoch) {
    if (n >= cases.size()) {
      return cases;
    }
    List<Case> order = new ArrayList<>(cases);
    ListSampler.shuffle(run.child("part").generator(), order);
    long step = Math.min((long) Math.ceil(n * replaced), cases.size() - n);
    int first = (int) (step * (epoch - 1) % cases.size());
    Collections.rotate(order, -first);
    return List.copyOf(order.subList(0, n));
  }

  /**
   * Every case once, shuffled.
   *
   * @param run the run's seed
   * @param epoch number of the epoch
   */
  public static List<Case> shuffled(List<Case> cases, Seeds run, long epoch) {
    List<Case> order = new ArrayList<>(cases);
    ListSampler.shuffle(generator(run, epoch), order);
    return List.copyOf(order);
  }

  /**
   * Draws with replacement: each draw takes a class, all classes being equally likely, then a case
   * of that class.
   *
   * @param run the run's seed
   * @param epoch number of the epoch
   * @throws CovidException where a label is unknown
   */
  public static List<Case> balanced(List<Case> cases, Seeds run, long epoch) {
    for (Case c : cases) {
      if (c.label() == null) {
        throw new CovidException(
            c.image(), "has no label, which balanced sampling needs", "give its label");
      }
    }
    Map<Integer, List<Case>> byLabel =
        cases.stream()
            .collect(Collectors.groupingBy(Case::label, TreeMap::new, Collectors.toList()));
    List<List<Case>> classes = List.copyOf(byLabel.values());
    UniformRandomProvider rng = generator(run, epoch);
    List<Case> order = new ArrayList<>(cases.size());
    for (int i = 0; i < cases.size(); i++) {
      List<Case> of = classes.get(rng.nextInt(classes.size()));
      order.add(of.get(rng.nextInt(of.size())));
    }
    return List.copyOf(order);
  }

  private static UniformRandomProvider generator(Seeds run, long epoch) {
    return run.child("order").child(epoch).generator();
  }
}
