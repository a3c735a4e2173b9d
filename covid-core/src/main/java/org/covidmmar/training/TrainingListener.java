package org.covidmmar.training;

/** Hears of a training as it goes, on the thread that trains. */
@FunctionalInterface
public interface TrainingListener {
  void on(TrainingEvent event);
}
