package org.covidmmar.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.FileSystemException;
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
    boolean isEndOf(int epoch) {
      return state.epochs() == epoch && state.begun() == null;
    }

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

  void saveLast(Replicas replicas, TrainingState state) {
    List<SafeTensors.Tensor> tensors = new ArrayList<>(Weights.tensors(replicas.network()));
    replicas
        .optimizer()
        .state()
        .forEach(
            (name, values) ->
                tensors.add(
                    SafeTensors.Tensor.floats(
                        Weights.OPTIMIZER + name, List.of((long) values.length), () -> values)));
    tensors.add(SafeTensors.Tensor.number(STEPS, replicas.optimizer().steps()));
    // Whole under a name of its own first: at every moment one of the three can be gone on from.
    SafeTensors.writeSealed(
        next(), Weights.metadata(replicas.network(), Map.of(STATE, toJson(state))), tensors);
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
   * Sets network and optimizer to the newest checkpoint that is whole and whose best weights are
   * there, or can be made again from a checkpoint of the best epoch, or will be by going on.
   * Removes those that cannot be gone on from.
   *
   * @param warnings told of each one that is damaged, and where there are some and none will do
   * @return where training goes on; empty where it starts, and nothing was set
   * @throws CovidException where a checkpoint can't be opened, which says nothing of its content
   */
  public Optional<TrainingState> restore(Replicas replicas, Consumer<String> warnings) {
    List<Path> files = Stream.of(next(), last(), previous(), best()).filter(Files::exists).toList();
    List<Found> found = files.stream().flatMap(file -> whole(file, warnings).stream()).toList();
    int best =
        found.stream()
            .filter(f -> f.file().equals(best()))
            .mapToInt(f -> f.state().epochs())
            .findFirst()
            .orElse(0);
    List<Found> newestFirst =
        found.stream()
            .filter(f -> !f.file().equals(best()))
            .sorted(Comparator.comparingLong(Found::progress).reversed())
            .toList();
    for (Found candidate : newestFirst) {
      int needed = candidate.state().bestEpoch();
      if (best != needed && best <= candidate.state().epochs()) {
        Optional<Found> source = newestFirst.stream().filter(f -> f.isEndOf(needed)).findFirst();
        if (source.isEmpty()) {
          remove(candidate.file());
          continue;
        }
        load(source.get().file(), replicas);
        saveBest(replicas.network(), source.get().state());
      }
      load(candidate.file(), replicas);
      return Optional.of(candidate.state());
    }
    if (!files.isEmpty()) {
      files.forEach(CheckpointStore::remove);
      warnings.accept(
          "no checkpoint in " + folder + " can be gone on from: the run starts from its beginning");
    }
    return Optional.empty();
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw AtomicFiles.unwritable(file, e);
    }
  }

  private static Optional<Found> whole(Path file, Consumer<String> warnings) {
    try (SafeTensors checkpoint = SafeTensors.open(file)) {
      checkpoint.requireSeal();
      TrainingState state =
          JSON.readValue(checkpoint.metadata().getOrDefault(STATE, ""), TrainingState.class);
      return Optional.of(new Found(file, state));
    } catch (CovidException e) {
      if (e.getCause() instanceof FileSystemException) {
        throw e;
      }
      return damaged(e, warnings);
    } catch (JsonProcessingException e) {
      return damaged(e, warnings);
    }
  }

  private static Optional<Found> damaged(Exception e, Consumer<String> warnings) {
    warnings.accept("a damaged checkpoint is left aside: " + e.getMessage());
    return Optional.empty();
  }

  private static void load(Path file, Replicas replicas) {
    try (SafeTensors checkpoint = SafeTensors.open(file)) {
      Weights.load(checkpoint, replicas.network());
      Map<String, float[]> state = new LinkedHashMap<>();
      for (String name : checkpoint.entries().keySet()) {
        if (name.startsWith(Weights.OPTIMIZER) && !name.equals(STEPS)) {
          state.put(name.substring(Weights.OPTIMIZER.length()), checkpoint.floats(name));
        }
      }
      replicas.optimizer().restore(checkpoint.number(STEPS), state);
      replicas.spread();
    }
  }

  /**
   * Copies the best weights.
   *
   * @param epoch that they must be of
   * @throws CovidException where they are not as they were written
   */
  public void copyBest(Path target, int epoch) {
    List<String> damage = new ArrayList<>();
    if (whole(best(), damage::add).filter(found -> found.isEndOf(epoch)).isEmpty()) {
      throw new CovidException(
          best(),
          "expected the weights of epoch "
              + epoch
              + (damage.isEmpty() ? ", found those of another" : ": " + damage.get(0)),
          "run the goal again: it makes them anew");
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
