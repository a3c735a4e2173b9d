package org.covidmmar.benchmarks;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.io.dicom.codec.CodecException;
import org.covidmmar.io.dicom.codec.FrameLayout;
import org.covidmmar.io.dicom.codec.PixelCodec;
import org.covidmmar.io.dicom.codec.PixelCodecs;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Time for a pixel of a CT slice in lossless JPEG, which most archives store. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class LosslessJpeg {
  private static final int SIDE = 512;
  private static final String SYNTAX = "1.2.840.10008.1.2.4.70";
  private static final int[] CODE_LENGTHS = {3, 4, 3, 3, 3, 3, 3, 4, 5, 6, 7, 8, 9};

  private final PixelCodec codec = PixelCodecs.of(SYNTAX).orElseThrow();
  private final FrameLayout layout = new FrameLayout(SIDE, SIDE, 16, 12, false, SYNTAX);
  private final short[] out = new short[SIDE * SIDE];
  private byte[] stream;

  /** A disc of tissue in air, with noise: some seven bits a pixel, as in a real slice. */
  @Setup
  public void encode() {
    UniformRandomProvider noise = new Seeds(0).generator();
    Bits bits = new Bits();
    bits.bytes(0xff, 0xd8, 0xff, 0xc3, 0, 11, 12, 2, 0, 2, 0, 1, 1, 0x11, 0);
    bits.bytes(0xff, 0xc4, 0, 19 + CODE_LENGTHS.length, 0);
    int[] codes = new int[CODE_LENGTHS.length];
    ByteArrayOutputStream symbols = new ByteArrayOutputStream();
    int code = 0;
    for (int length = 1; length <= 16; length++, code <<= 1) {
      int before = symbols.size();
      for (int category = 0; category < codes.length; category++) {
        if (CODE_LENGTHS[category] == length) {
          codes[category] = code++;
          symbols.write(category);
        }
      }
      bits.bytes(symbols.size() - before);
    }
    for (byte category : symbols.toByteArray()) {
      bits.bytes(category);
    }
    bits.bytes(0xff, 0xda, 0, 8, 1, 1, 0, 1, 0, 0);
    int above = 2048;
    for (int y = 0; y < SIDE; y++) {
      int left = above;
      for (int x = 0; x < SIDE; x++) {
        double radius = Math.hypot(x - SIDE / 2.0, y - SIDE / 2.0);
        int value = (radius < SIDE / 2.2 ? 1000 : 20) + noise.nextInt(40);
        int difference = value - left;
        int category = Integer.SIZE - Integer.numberOfLeadingZeros(Math.abs(difference));
        bits.add(codes[category], CODE_LENGTHS[category]);
        bits.add(difference < 0 ? difference + (1 << category) - 1 : difference, category);
        left = value;
        above = x == 0 ? value : above;
      }
    }
    stream = bits.end();
  }

  @Benchmark
  @OperationsPerInvocation(SIDE * SIDE)
  public short[] decode() throws CodecException {
    codec.decode(stream, 0, stream.length, layout, out);
    return out;
  }

  private static final class Bits {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private int pending;
    private int count;

    void bytes(int... values) {
      for (int value : values) {
        bytes.write(value);
      }
    }

    void add(int value, int length) {
      for (int bit = length - 1; bit >= 0; bit--) {
        pending = (pending << 1) | ((value >> bit) & 1);
        if (++count == Byte.SIZE) {
          bytes.write(pending);
          if ((pending & 0xff) == 0xff) {
            bytes.write(0);
          }
          count = 0;
        }
      }
    }

    byte[] end() {
      add(-1, Byte.SIZE - 1);
      bytes(0xff, 0xd9);
      return bytes.toByteArray();
    }
  }
}
