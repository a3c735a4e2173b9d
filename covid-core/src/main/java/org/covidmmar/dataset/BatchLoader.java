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
import org.covidmmar.transform.Pipeline;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Shape;

/**
 * Hands out the batches of an epoch in their order, made ahead of time by threads of its own. What
 * it hands out depends on the arguments of its constructor but for threads and depth. Holds at most
 * {@code depth} batches that were not handed out. To be closed, whereupon its threads have ended.
 */
public final class BatchLoader implements Iterator<Batch>, AutoCloseable {
  private final List<Case> order;
  private final PreprocessCache cache;
  private final Pipeline pipeline;
  private final Shape shape;
  private final int batchSize;
  private final Seeds[] caseSeeds;
  private final Workers workers;
  private final Deque<Pending> ahead = new ArrayDeque<>();
  private final CompletableFuture<Void> failure = new CompletableFuture<>();
  private final int depth;
  private int submitted;

  /** A batch under way. */
  private record Pending(Batch batch, CompletableFuture<Void> made) {}

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
   * @param pipeline the cache's, whose random steps are applied; for validation one without any
   * @param shape of every sample after the pipeline
   * @param run the run's seed; the draws of a case derive from it, the epoch, the case's id and how
   *     often the epoch had the case before
   * @param epoch number of the epoch
   */
  public BatchLoader(
      List<Case> order,
      PreprocessCache cache,
      Pipeline pipeline,
      Shape shape,
      int batchSize,
      Seeds run,
      long epoch,
      Prefetch prefetch) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize);
    }
    this.order = List.copyOf(order);
    this.cache = cache;
    this.pipeline = pipeline;
    this.shape = shape;
    this.batchSize = batchSize;
    this.depth = prefetch.depth();
    caseSeeds = seeds(this.order, run.child("epoch").child(epoch));
    workers = new Workers("loader", prefetch.threads());
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
    while (ahead.size() < depth && submitted < order.size()) {
      int first = submitted;
      submitted = Math.min(order.size(), first + batchSize);
      ahead.add(submit(first, order.subList(first, submitted)));
    }
  }

  private Pending submit(int first, List<Case> cases) {
    int voxels = Math.toIntExact(shape.voxels());
    Batch batch =
        new Batch(
            new float[Math.multiplyExact(voxels, cases.size())],
            shape,
            cases.stream().mapToInt(c -> c.label() == null ? -1 : c.label()).toArray(),
            cases.stream().map(Case::id).toList());
    List<CompletableFuture<Void>> slots = new ArrayList<>();
    for (int n = 0; n < cases.size(); n++) {
      int slot = n;
      CompletableFuture<Void> made = new CompletableFuture<>();
      slots.add(made);
      workers.run(
          () -> {
            try {
              load(cases.get(slot), caseSeeds[first + slot], batch.images(), slot * voxels);
              made.complete(null);
            } catch (CovidException | Error e) {
              failure.completeExceptionally(e);
            } catch (RuntimeException e) {
              failure.completeExceptionally(
                  new IllegalStateException("case " + cases.get(slot).id() + ": " + e, e));
            }
          });
    }
    return new Pending(batch, CompletableFuture.allOf(slots.toArray(CompletableFuture[]::new)));
  }

  private void load(Case c, Seeds seeds, float[] images, int offset) {
    Sample sample = pipeline.random(cache.get(c), seeds);
    if (!sample.image().shape().equals(shape)) {
      throw new CovidException(
          c.image(),
          "has the shape "
              + sample.image().shape()
              + " after preprocessing, the network takes "
              + shape,
          "let the preprocessing end with a Resize to covid.inputShape");
    }
    VoxelOrder.zFastest(sample.image().floats(), shape, images, offset);
  }
}
