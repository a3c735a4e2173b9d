package org.covidmmar.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.io.nifti.NiftiWriter;
import org.covidmmar.transform.Resize;
import org.covidmmar.transform.ResizeMode;
import org.covidmmar.transform.Sample;
import org.covidmmar.volume.Affine;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The loops that preprocessing spends its time in, on a CT of 256 x 256 x 128 voxels. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class HotLoops {
  private static final Shape SCAN = new Shape(256, 256, 128);
  private static final Shape INPUT = new Shape(192, 192, 64);

  private Path folder;
  private Path plain;
  private Path compressed;
  private Sample sample;

  /** Writes a scan with some structure, so that it compresses as a real one does. */
  @Setup
  public void write() throws IOException {
    folder = Files.createTempDirectory("hot-loops");
    UniformRandomProvider noise = new Seeds(0).generator();
    short[] hu = new short[Math.toIntExact(SCAN.voxels())];
    for (int i = 0; i < hu.length; i++) {
      hu[i] = (short) (1000 * Math.sin(i / 40.0) + noise.nextInt(32));
    }
    Volume scan = Volume.of(SCAN, Affine.identity(), hu);
    plain = folder.resolve("scan.nii");
    compressed = folder.resolve("scan.nii.gz");
    NiftiWriter.write(plain, scan);
    NiftiWriter.write(compressed, scan);
    sample = new Sample("scan", Volume.of(SCAN, Affine.identity(), scan.floats()), null);
  }

  @TearDown
  public void delete() throws IOException {
    Files.delete(plain);
    Files.delete(compressed);
    Files.delete(folder);
  }

  @Benchmark
  public Volume readPlain() {
    return NiftiReader.read(plain);
  }

  @Benchmark
  public Volume readCompressed() {
    return NiftiReader.read(compressed);
  }

  @Benchmark
  public Sample resizeArea() {
    return new Resize(INPUT, ResizeMode.AREA).apply(sample);
  }

  @Benchmark
  public Sample resizeTrilinear() {
    return new Resize(INPUT, ResizeMode.TRILINEAR).apply(sample);
  }
}
