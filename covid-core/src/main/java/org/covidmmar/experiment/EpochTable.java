package org.covidmmar.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import org.covidmmar.training.TrainingEvent;
import org.covidmmar.training.TrainingListener;
import org.covidmmar.training.TrainingState;

/** Tells the user how a training goes: progress, a line an epoch, a table at the end. */
final class EpochTable implements TrainingListener {
  private static final int SHOWN = 10;

  private final int epochs;
  private final Message.Listener listener;
  private final List<TrainingEvent.EpochDone> done = new ArrayList<>();

  EpochTable(int epochs, Message.Listener listener) {
    this.epochs = epochs;
    this.listener = listener;
  }

  @Override
  public void on(TrainingEvent event) {
    if (event instanceof TrainingEvent.BatchDone b) {
      progress(
          "epoch " + b.epoch() + "/" + epochs, b.batch(), b.batches(), "loss " + text(b.loss()));
    } else if (event instanceof TrainingEvent.ValidationProgress v) {
      progress("epoch " + v.epoch() + "/" + epochs + " validation", v.done(), v.cases(), "");
    } else if (event instanceof TrainingEvent.EpochDone e) {
      done.add(e);
      listener.on(new Message.Line(line(e)));
    } else if (event instanceof TrainingEvent.StoppedEarly s) {
      listener.on(
          new Message.Line(
              "stopped early after epoch %d: nothing better than epoch %d"
                  .formatted(s.epoch(), s.bestEpoch())));
    }
  }

  private void progress(String stage, int step, int of, String note) {
    listener.on(new Message.Progress(stage, step, of, note));
  }

  private String line(TrainingEvent.EpochDone e) {
    StringBuilder line = new StringBuilder("epoch " + e.epoch() + "/" + epochs);
    e.metrics()
        .forEach(
            (name, value) -> {
              if (!name.equals("learning_rate")) {
                line.append("  ").append(name).append(' ').append(text(value));
              }
            });
    return line.append(e.best() ? "  best so far" : "").toString();
  }

  /** The best epoch and the last ones, as a table. */
  void summary(TrainingState end) {
    List<List<String>> rows = new ArrayList<>();
    for (TrainingEvent.EpochDone e : done) {
      boolean last = e.epoch() > end.epochs() - SHOWN;
      if (last || e.epoch() == end.bestEpoch()) {
        rows.add(
            List.of(
                e.epoch() + (e.epoch() == end.bestEpoch() ? " best" : ""),
                cell(e.metrics(), "train/loss"),
                cell(e.metrics(), "val/loss"),
                cell(e.metrics(), "val/auc"),
                cell(e.metrics(), "val/accuracy")));
      }
    }
    listener.on(
        new Message.Table(
            "training",
            List.of("epoch", "train loss", "val loss", "val AUC", "val accuracy"),
            rows));
  }

  private static String cell(SortedMap<String, Double> metrics, String name) {
    Double value = metrics.get(name);
    return value == null ? "" : text(value);
  }

  private static String text(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
