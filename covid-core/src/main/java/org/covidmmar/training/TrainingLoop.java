package org.covidmmar.training;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.covidmmar.CovidException;
import org.covidmmar.Fingerprint;
import org.covidmmar.Seeds;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.LearningRatePolicy;
import org.covidmmar.dataset.Batch;
import org.covidmmar.dataset.BatchLoader;
import org.covidmmar.dataset.BatchSource;
import org.covidmmar.dataset.Case;
import org.covidmmar.dataset.Sampler;
import org.covidmmar.evaluation.Evaluation;
import org.covidmmar.evaluation.ScoredCase;
import org.covidmmar.inference.Predictor;
import org.covidmmar.model.weights.Weights;

/**
 * Trains a network epoch by epoch: batches, updates, validation, checkpoints, early stopping. Knows
 * neither files of the experiment nor trackers; tells a listener what happens.
 */
public final class TrainingLoop {
  private final ExperimentConfig.Training config;
  private final double learningRate;
  private final LearningRatePolicy policy;
  private final CrossEntropy loss;
  private final KeyMetric keyMetric;
  private final Replicas replicas;
  private final BatchSource batches;
  private final Predictor validator;
  private final CheckpointStore checkpoints;
  private final TrainingListener listener;
  private final Seeds seeds;

  /**
   * @param replicas the network, its replicas and its optimizer
   * @param batches gives the batches of an epoch
   * @param validator predicts with the first replica's network
   */
  public TrainingLoop(
      ExperimentConfig config,
      Replicas replicas,
      BatchSource batches,
      Predictor validator,
      CheckpointStore checkpoints,
      TrainingListener listener) {
    this.config = config.training();
    this.learningRate = config.optimization().learningRate();
    this.policy = LearningRatePolicy.parse(config.optimization().lrPolicy());
    this.loss = replicas.loss();
    this.keyMetric = new KeyMetric(this.config.keyMetric());
    this.replicas = replicas;
    this.batches = batches;
    this.validator = validator;
    this.checkpoints = checkpoints;
    this.listener = listener;
    this.seeds = new Seeds(this.config.seed());
  }

  /**
   * Trains to the last epoch, or until the key metric has not got better for covid.patience
   * validations, or until it is asked to stop.
   *
   * @param start where to take up: {@link TrainingState#START}, or the state of the checkpoint that
   *     the replicas were restored from
   * @param stop asked after each update; true leaves a checkpoint and ends
   * @return where it ended; with an epoch begun where it was stopped
   * @throws CovidException where the loss, a gradient or what an epoch makes of the weights is not
   *     finite, naming the cases or the epoch and the last checkpoint, which stays as it is
   */
  public TrainingState run(
      TrainingState start, List<Case> training, List<Case> validation, BooleanSupplier stop) {
    TrainingState state = start;
    while (state.epochs() < config.epochs() && !isOutOfPatience(state)) {
      state = epoch(state, training, validation, stop);
      if (state.begun() != null) {
        checkpoints.saveLast(replicas, state);
        return state;
      }
    }
    if (state.epochs() < config.epochs()) {
      listener.on(new TrainingEvent.StoppedEarly(state.epochs(), state.bestEpoch()));
    }
    return state;
  }

  /** What the best epoch was chosen by, with its values; for the record. */
  public String bestBy(TrainingState end) {
    return keyMetric.chose(end);
  }

  private boolean isOutOfPatience(TrainingState state) {
    return config.patience() != null && state.validationsSinceBetter() >= config.patience();
  }

  private TrainingState epoch(
      TrainingState before, List<Case> training, List<Case> validation, BooleanSupplier stop) {
    int epoch = before.epochs() + 1;
    double rate = policy.rate(learningRate, before.epochs(), config.epochs(), before.keyMetrics());
    SortedMap<String, Double> metrics = new TreeMap<>();
    metrics.put("learning_rate", rate);
    TrainingState.Begun trained = train(before, rate, training, stop);
    if (!replicas.isFinite()) {
      throw diverged(
          before,
          "epoch " + epoch,
          "its updates made weights, batch-norm statistics or the optimizer's state NaN or"
              + " infinite");
    }
    if (stop.getAsBoolean()) {
      return before.begun(trained);
    }
    metrics.put("train/loss", trained.lossSum() / trained.weightSum());
    metrics.put("train/accuracy", (double) trained.correct() / config.casesOf(training.size()));
    TrainingState after;
    if (epoch % config.validEvery() == 0 || epoch == config.epochs()) {
      if (!validate(epoch, validation, metrics, stop)) {
        return before.begun(trained);
      }
      after = before.epochWithValidation(keyMetric.of(metrics), metrics.get(KeyMetric.LOSS));
    } else {
      after = before.epochWithoutValidation();
    }
    boolean best = after.bestEpoch() == epoch;
    // Told before the checkpoint is left: an epoch that a checkpoint holds has been told.
    Fingerprint weights = Weights.fingerprint(replicas.network());
    listener.on(new TrainingEvent.EpochDone(epoch, metrics, best, weights));
    checkpoints.saveLast(replicas, after);
    if (best) {
      // After the last, which it can be made from again.
      checkpoints.saveBest(replicas.network(), after);
    }
    return after;
  }

  /** The cases that an epoch draws from. */
  private List<Case> part(List<Case> training, int epoch) {
    ExperimentConfig.SmartCache cache = config.smartCache();
    return cache == null
        ? training
        : Sampler.part(training, cache.cases(), cache.replaced(), seeds, epoch);
  }

  private TrainingState.Begun train(
      TrainingState before, double rate, List<Case> training, BooleanSupplier stop) {
    int epoch = before.epochs() + 1;
    TrainingState.Begun begun =
        before.begun() == null ? TrainingState.Begun.NOTHING : before.begun();
    List<Case> part = part(training, epoch);
    List<Case> order =
        config.sampling().equals("balanced")
            ? Sampler.balanced(part, seeds, epoch)
            : Sampler.shuffled(part, seeds, epoch);
    int batchSize = config.batchSize();
    int count = (order.size() + batchSize - 1) / batchSize;
    TrainingState.Begun done = begun;
    Seeds dropouts = seeds.child("dropout").child(epoch);
    try (BatchLoader loader = batches.load(order, epoch, begun.batches())) {
      while (done.batches() < count && !stop.getAsBoolean()) {
        int first = done.batches();
        int end = Math.min(count, first + config.accumulate());
        List<Case> group =
            order.subList(first * batchSize, Math.min(order.size(), end * batchSize));
        double groupWeight = weight(group);
        double lossSum = done.lossSum();
        int correct = done.correct();
        for (int b = first; b < end; b++) {
          Batch batch = loader.next();
          // By a case's place in the epoch, so that neither batches nor replicas change its draws.
          List<Seeds> dropout =
              IntStream.range(b * batchSize, b * batchSize + batch.size())
                  .mapToObj(dropouts::child)
                  .toList();
          Replicas.Pass pass =
              replicas.accumulate(batch.images(), batch.labels(), groupWeight, dropout);
          if (!Double.isFinite(pass.loss())) {
            throw diverged(before, named(epoch, batch.ids()), "the loss is " + pass.loss());
          }
          lossSum += pass.loss() * groupWeight;
          correct += pass.correct();
          double batchLoss = pass.loss() * groupWeight / loss.weight(batch.labels());
          listener.on(new TrainingEvent.BatchDone(epoch, b + 1, count, batchLoss));
        }
        update(rate, before, group);
        done = new TrainingState.Begun(end, lossSum, done.weightSum() + groupWeight, correct);
      }
    }
    return done;
  }

  private double weight(List<Case> cases) {
    return loss.weight(cases.stream().mapToInt(Case::label).toArray());
  }

  private void update(double rate, TrainingState before, List<Case> group) {
    try {
      replicas.step(rate);
    } catch (CovidException e) {
      List<String> ids = group.stream().map(Case::id).toList();
      throw diverged(before, named(before.epochs() + 1, ids), e.problem());
    }
  }

  private static String named(int epoch, List<String> ids) {
    return "epoch " + epoch + ", cases " + String.join(", ", ids);
  }

  private static CovidException diverged(TrainingState kept, String where, String problem) {
    return new CovidException(
        where,
        problem,
        "lower covid.learningRate, and look for scans with extreme values; "
            + (kept.isStart()
                ? "no checkpoint was left yet"
                : "the last checkpoint is that " + kept.where()));
  }

  /** Adds the metrics of the validation list; false where it was stopped before its end. */
  private boolean validate(
      int epoch, List<Case> validation, SortedMap<String, Double> metrics, BooleanSupplier stop) {
    Optional<List<ScoredCase>> scored =
        validator.predict(
            validation,
            done -> {
              listener.on(new TrainingEvent.ValidationProgress(epoch, done, validation.size()));
              return !stop.getAsBoolean();
            });
    if (scored.isEmpty()) {
      return false;
    }
    Evaluation evaluation = Evaluation.of(scored.get(), Evaluation.DEFAULT_THRESHOLD);
    evaluation.auc().asDouble().ifPresent(v -> metrics.put("val/auc", v));
    evaluation.accuracy().asDouble().ifPresent(v -> metrics.put("val/accuracy", v));
    evaluation.sensitivity().asDouble().ifPresent(v -> metrics.put("val/sensitivity", v));
    evaluation.specificity().asDouble().ifPresent(v -> metrics.put("val/specificity", v));
    evaluation.loss().asDouble().ifPresent(v -> metrics.put(KeyMetric.LOSS, v));
    return true;
  }
}
