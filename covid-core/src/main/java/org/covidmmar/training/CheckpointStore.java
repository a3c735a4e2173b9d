package org.covidmmar.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.covidmmar.model.DenseNet3d;
import org.covidmmar.model.weights.SafeTensors;
import org.covidmmar.model.weights.Weights;

/**
 * A run's checkpoints: {@code best.safetensors} holds the weights with the best key metric, {@code
 * last.safetensors} those after the last epoch, with the optimizer's state. Each replaces the one
 * before whole or not at all. Metadata tell the epoch and the key metrics so far.
 */
public final class CheckpointStore {
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;

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

  /** The file of the last epoch. */
  public Path last() {
    return folder.resolve("last.safetensors");
  }

  void saveBest(DenseNet3d network, TrainingState state) {
    Weights.save(best(), network, Map.of("training", toJson(state)));
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
    tensors.add(
        SafeTensors.Tensor.number(Weights.OPTIMIZER + "steps", replica.optimizer().steps()));
    Map<String, String> metadata =
        Weights.metadata(replica.network(), Map.of("training", toJson(state)));
    SafeTensors.write(last(), metadata, tensors);
  }

  private static String toJson(TrainingState state) {
    try {
      return JSON.writeValueAsString(state);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a training state is always writable", e);
    }
  }
}
