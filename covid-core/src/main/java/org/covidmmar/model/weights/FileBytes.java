package org.covidmmar.model.weights;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.covidmmar.CovidException;

/** Bytes of a file of weights. */
final class FileBytes {
  private FileBytes() {}

  /** So many bytes from a place on, to be read in little-endian order. */
  static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
    ByteBuffer buffer = littleEndian(length);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw new EOFException("the file ends early");
      }
    }
    return buffer.flip();
  }

  static ByteBuffer littleEndian(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static CovidException unreadable(Path file, IOException e, String remedy) {
    String problem = Files.isDirectory(file) ? "is a folder" : "cannot be read: " + e.getMessage();
    return new CovidException(file.toString(), problem, remedy, e);
  }

  static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // The reason why it is closed is what the caller must hear of.
      }
    }
  }
}
