package org.covidmmar.model.weights;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.covidmmar.CovidException;

/** Named tensors in a file, whatever its format. Open until closed; values are read on demand. */
public sealed interface TensorFile extends AutoCloseable permits SafeTensors, TorchFile {

  /** What is known of a tensor before its values are read. */
  interface Info {
    TensorType type();

    /** Number of values along each axis; empty for a single value. */
    List<Long> shape();
  }

  /**
   * Opens a file of PyTorch's or safetensors' format and checks what it says of its tensors.
   *
   * @throws CovidException where there is no such file, it is of another format, or not whole
   */
  static TensorFile open(Path file) {
    if (TorchFile.isMeantSo(file)) {
      return TorchFile.open(file);
    }
    TensorFlow.refuse(file);
    return SafeTensors.open(file);
  }

  /** The file that was opened. */
  Path file();

  /** Texts that the writer left; may be empty. */
  Map<String, String> metadata();

  /** All tensors by name. */
  Map<String, ? extends Info> entries();

  /**
   * A tensor of any floating type as float32, the last axis fastest.
   *
   * @throws CovidException where it is of another type, or reading fails
   */
  float[] floats(String name);

  /**
   * A single int64 value.
   *
   * @throws CovidException where it is something else
   */
  long number(String name);

  @Override
  void close();
}
