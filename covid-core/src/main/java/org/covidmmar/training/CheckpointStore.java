package org.covidmmar.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.Weights;

/**
 * A run's checkpoints: {@code best.safetensors} holds the weights with the best key metric, {@code
 * last.safetensors} those that training goes on from, with the optimizer's state and the {@link
 * TrainingState}; {@code previous.safetensors} is the one before, for the case that the last is
 * damaged. Each is sealed with a checksum, forced to disk and moved into place.
 */
public final class CheckpointStore {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String STATE = "training";
  private static final String STEPS = Weights.OPTIMIZER + "steps";

  private final Path folder;

  /** A checkpoint that is as it was written, and how far it is. */
  private record Found(Path file, TrainingState state) {
    long progress() {
      int batches = state.begun() == null ? 0 : state.begun().batches();
      return ((long) state.epochs() << Integer.SIZE) + batches;
    }
  }

  /**
   * @param folder made if need be
   */
  public CheckpointStore(Path folder) {
    this.folder = folder;
  }

  /** The file of the best weights; absent before the first validation. */
  public Path best() {
    return folder.resolve("best.safetensors");
  }

  /** The file that training goes on from. */
  public Path last() {
    return folder.resolve("last.safetensors");
  }

  private Path previous() {
    return folder.resolve("previous.safetensors");
  }

  private Path next() {
    return folder.resolve("next.safetensors");
  }

  void saveBest(DenseNet3d network, TrainingState state) {
    SafeTensors.writeSealed(
        best(), Weights.metadata(network, Map.of(STATE, toJson(state))), Weights.tensors(network));
  }

  void saveLast(Replica replica, TrainingState state) {
    List<SafeTensors.Tensor> tensors = new ArrayList<>(Weights.tensors(replica.network()));
    replica
        .optimizer()
        .state()
        .forEach(
            (name, values) ->
                tensors.add(
                    SafeTensors.Tensor.floats(
                        Weights.OPTIMIZER + name, List.of((long) values.length), () -> values)));
    tensors.add(SafeTensors.Tensor.number(STEPS, replica.optimizer().steps()));
    // Whole under a name of its own first: at every moment one of the three can be gone on from.
    SafeTensors.writeSealed(
        next(), Weights.metadata(replica.network(), Map.of(STATE, toJson(state))), tensors);
    if (Files.exists(last())) {
      move(last(), previous());
    }
    move(next(), last());
  }

  private static void move(Path from, Path to) {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(to, e);
    }
  }

  /** The epochs that the newest checkpoint holds; 0 where there is none that can be read. */
  public int epochs() {
    return Stream.of(next(), last(), previous())
        .filter(Files::exists)
        .mapToInt(CheckpointStore::epochs)
        .max()
        .orElse(0);
  }

  private static int epochs(Path file) {
    try (SafeTensors checkpoint = SafeTensors.open(file)) {
      return JSON.readValue(checkpoint.metadata().getOrDefault(STATE, ""), TrainingState.class)
          .epochs();
    } catch (CovidException | JsonProcessingException e) {
      // Damaged, or moved meanwhile: another one counts.
      return 0;
    }
  }

  /**
   * Sets network and optimizer to the newest checkpoint that is whole.
   *
   * @param warnings told of each one that is damaged
   * @return where training goes on; empty where there is no checkpoint, and nothing was set
   */
  public Optional<TrainingState> restore(Replica replica, Consumer<String> warnings) {
    Optional<Found> newest =
        Stream.of(next(), last(), previous())
            .filter(Files::exists)
            .flatMap(file -> whole(file, warnings).stream())
            .max(Comparator.comparingLong(Found::progress));
    newest.ifPresent(found -> load(found.file(), replica));
    return newest.map(Found::state);
  }

  private static Optional<Found> whole(Path file, Consumer<String> warnings) {
    try (SafeTensors checkpoint = SafeTensors.open(file)) {
      checkpoint.requireSeal();
      TrainingState state =
          JSON.readValue(checkpoint.metadata().getOrDefault(STATE, ""), TrainingState.class);
      return Optional.of(new Found(file, state));
    } catch (CovidException | JsonProcessingException e) {
      warnings.accept("a damaged checkpoint is left aside: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static void load(Path file, Replica replica) {
    try (SafeTensors checkpoint = SafeTensors.open(file)) {
      Weights.load(checkpoint, replica.network());
      Map<String, float[]> state = new LinkedHashMap<>();
      for (String name : checkpoint.entries().keySet()) {
        if (name.startsWith(Weights.OPTIMIZER) && !name.equals(STEPS)) {
          state.put(name.substring(Weights.OPTIMIZER.length()), checkpoint.floats(name));
        }
      }
      replica.optimizer().restore(checkpoint.number(STEPS), state);
    }
  }

  /**
   * Copies the best weights.
   *
   * @throws CovidException where they are not as they were written
   */
  public void copyBest(Path target) {
    try (SafeTensors best = SafeTensors.open(best())) {
      best.requireSeal();
    }
    AtomicFiles.write(target, out -> Files.copy(best(), out));
  }

  private static String toJson(TrainingState state) {
    try {
      return JSON.writeValueAsString(state);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a training state is always writable", e);
    }
  }
}
