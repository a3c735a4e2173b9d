package org.covidmmar.dataset;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.covidmmar.CovidException;
import org.covidmmar.Seeds;
import org.covidmmar.Workers;
import org.covidmmar.volume.Volume;

/**
 * Hands out the batches of an epoch in their order, made ahead of time by threads of its own. What
 * it hands out depends on the arguments of its constructor but for threads and depth. Holds at most
 * {@code depth} batches that were not handed out. To be closed, whereupon its threads have ended.
 */
public final class BatchLoader implements Iterator<Batch>, AutoCloseable {
  private final List<Case> order;
  private final BatchSource source;
  private final Seeds[] caseSeeds;
  private final Workers workers;
  private final Deque<Pending> ahead = new ArrayDeque<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private int submitted;

  /** A batch under way. */
  private record Pending(List<Case> cases, List<CompletableFuture<Volume>> images) {
    CompletableFuture<Void> made() {
      return CompletableFuture.allOf(images.toArray(CompletableFuture[]::new));
    }

    Batch batch() {
      return new Batch(
          images.stream().map(CompletableFuture::join).toList(),
          cases.stream().mapToInt(c -> c.label() == null ? -1 : c.label()).toArray(),
          cases.stream().map(Case::id).toList());
    }
  }

  /**
   * How to load; changes nothing of what is loaded.
   *
   * @param threads at least 1
   * @param depth batches made ahead, at least 1
   */
  public record Prefetch(int threads, int depth) {
    public Prefetch {
      if (threads < 1 || depth < 1) {
        throw new IllegalArgumentException("threads " + threads + ", depth " + depth);
      }
    }
  }

  /**
   * Starts loading.
   *
   * @param order the epoch's cases; the last batch has what is left over
   * @param epoch number of the epoch
   * @param skipped batches not to load
   */
  BatchLoader(BatchSource source, List<Case> order, long epoch, int skipped) {
    this.order = List.copyOf(order);
    this.source = source;
    caseSeeds = seeds(this.order, source.run().child("epoch").child(epoch));
    workers = new Workers("loader", source.prefetch().threads());
    submitted = Math.min(this.order.size(), Math.multiplyExact(skipped, source.batchSize()));
    fill();
  }

  private static Seeds[] seeds(List<Case> order, Seeds epoch) {
    Map<String, Integer> draws = new HashMap<>();
    Seeds[] seeds = new Seeds[order.size()];
    for (int n = 0; n < seeds.length; n++) {
      String id = order.get(n).id();
      int draw = draws.merge(id, 1, Integer::sum);
      seeds[n] = draw == 1 ? epoch.child(id) : epoch.child(id).child(draw);
    }
    return seeds;
  }

  @Override
  public boolean hasNext() {
    return !ahead.isEmpty();
  }

  /**
   * The next batch; waits for it.
   *
   * @throws CovidException where a case of this batch or of one made ahead can't be loaded
   * @throws NoSuchElementException after the last
   */
  @Override
  public Batch next() {
    if (ahead.isEmpty()) {
      throw new NoSuchElementException("the epoch has no more batches");
    }
    Pending pending = ahead.peek();
    try {
      CompletableFuture.anyOf(failure, pending.made()).get();
      if (failure.isCompletedExceptionally()) {
        failure.get();
      }
    } catch (ExecutionException e) {
      close();
      throw Workers.unwrapped(e.getCause());
    } catch (InterruptedException e) {
      close();
      throw Workers.interrupted();
    }
    ahead.remove();
    fill();
    return pending.batch();
  }

  /** Ends the threads; batches not handed out are dropped. */
  @Override
  public void close() {
    workers.close();
    ahead.clear();
    submitted = order.size();
  }

  private void fill() {
    while (ahead.size() < source.prefetch().depth() && submitted < order.size()) {
      int first = submitted;
      submitted = Math.min(order.size(), first + source.batchSize());
      ahead.add(submit(first, order.subList(first, submitted)));
    }
  }

  private Pending submit(int first, List<Case> cases) {
    List<CompletableFuture<Volume>> images = new ArrayList<>();
    for (int n = 0; n < cases.size(); n++) {
      Case c = cases.get(n);
      Seeds seeds = caseSeeds[first + n];
      CompletableFuture<Volume> image = new CompletableFuture<>();
      images.add(image);
      workers.run(
          () -> {
            try {
              image.complete(load(c, seeds));
            } catch (CovidException | Error e) {
              failure.completeExceptionally(e);
            } catch (RuntimeException e) {
              failure.completeExceptionally(
                  new IllegalStateException("case " + c.id() + ": " + e, e));
            }
          });
    }
    return new Pending(cases, images);
  }

  private Volume load(Case c, Seeds seeds) {
    Volume image = source.cache().pipeline().random(source.cache().get(c), seeds).image();
    if (!image.shape().equals(source.shape())) {
      throw new CovidException(
          c.image(),
          "has the shape "
              + image.shape()
              + " after preprocessing, the network takes "
              + source.shape(),
          "let the preprocessing end with a Resize to covid.inputShape");
    }
    return image;
  }
}
