package org.covidmmar.inference;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import org.covidmmar.io.nifti.NiftiHeader;
import org.covidmmar.io.nifti.NiftiReader;
import org.covidmmar.volume.Orientation;
import org.covidmmar.volume.Shape;
import org.covidmmar.volume.Volume;

/**
 * Axial slices of a scan, evenly spaced over what the network saw of it, from head to feet; in a
 * row alone, and in a further one under each map. A PNG file with captions and legends.
 */
public final class SaliencyPicture {
  private static final int SLICES = 6;
  private static final int SLICE_WIDTH = 208;

  /** The window of lungs, in HU. */
  private static final double BLACK = -1350;

  private static final double WHITE = 150;

  private static final int PAD = 6;
  private static final int LINE = Canvas.TEXT + 2 * PAD;
  private static final int BAR = 120;
  private static final int TEXT_COLOUR = 0xffffff;
  private static final int NOTE_COLOUR = 0xffd080;
  private static final double MOST_OPAQUE = 0.6;
  private static final MathContext LEGEND = new MathContext(2);

  private SaliencyPicture() {}

  /**
   * A map and what it is.
   *
   * @param caption of the map
   * @param map on the grid of the network's input
   * @param signed whether values below 0 are shown, in blue
   */
  public record Layer(String caption, Volume map, boolean signed) {
    /** The value that has the strongest colour; 0 where no value has any. */
    double limit() {
      double limit = 0;
      for (float v : map.floats()) {
        limit = Math.max(limit, signed ? Math.abs(v) : v);
      }
      return limit;
    }

    /** Opacity and colour of a value from -1 to 1 over a shade of gray. */
    private int over(double part, int gray) {
      double strength = Math.min(1, Math.max(signed ? Math.abs(part) : part, 0));
      double opaque = MOST_OPAQUE * Math.sqrt(strength);
      int bright = (int) Math.round(230 * strength * strength);
      int red = part < 0 ? 0 : 255;
      int blue = part < 0 ? 255 : 0;
      return mixed(gray, red, opaque) << 16
          | mixed(gray, bright, opaque) << 8
          | mixed(gray, blue, opaque);
    }

    private static int mixed(int gray, int colour, double opaque) {
      return (int) Math.round((1 - opaque) * gray + opaque * colour);
    }
  }

  /**
   * The picture's file.
   *
   * @param scan a NIfTI file, in HU; only the slices shown are held in memory
   * @param title the first line
   * @param layers maps of one grid, at least one
   * @throws org.covidmmar.CovidException as {@link NiftiReader#scan}
   */
  public static byte[] png(Path scan, String title, List<Layer> layers) {
    NiftiHeader header = NiftiReader.readHeader(scan);
    Orientation.View shown = Orientation.RAS.view(header.shape(), header.affine());
    AxialSlices whole = AxialSlices.of(shown.shape(), shown.affine(), SLICES, 1, SLICE_WIDTH);
    AxialSlices slices = seen(whole, layers.get(0).map());
    AxialSlices.Voxels hu = read(scan, shown, slices);
    int[] grays = slices.draw((slice, u, v) -> gray(slices.value(hu, slice, u, v)));
    int row = LINE + slices.height();
    Canvas canvas = new Canvas(slices.pictureWidth(), (layers.size() + 1) * row + 2 * LINE);
    canvas.text(PAD, PAD, title, TEXT_COLOUR);
    int top = LINE;
    canvas.text(
        PAD,
        top + PAD,
        String.format(
            Locale.ROOT,
            "CT, %.0f to %.0f HU; head to feet, patient's right at the left",
            BLACK,
            WHITE),
        TEXT_COLOUR);
    draw(canvas, slices, top + LINE, n -> grays[n] * 0x10101);
    for (Layer layer : layers) {
      top += row;
      canvas.text(PAD, top + PAD, layer.caption(), TEXT_COLOUR);
      legend(canvas, slices.pictureWidth(), top + PAD, layer);
      OnScan onScan = new OnScan(layer.map(), shown.affine());
      double limit = layer.limit();
      int[] colours =
          slices.draw(
              (slice, u, v) -> {
                double value = onScan.at(slices.x(u), slices.y(v), slices.z(slice));
                return layer.over(limit > 0 ? value / limit : 0, grays[slices.place(slice, u, v)]);
              });
      draw(canvas, slices, top + LINE, n -> colours[n]);
    }
    canvas.text(PAD, top + row + PAD, ModelConfig.USE, NOTE_COLOUR);
    return canvas.png();
  }

  /** The voxels of the slices shown. */
  private static AxialSlices.Voxels read(Path scan, Orientation.View shown, AxialSlices slices) {
    int width = shown.shape().x();
    float[][] kept = new float[shown.shape().z()][];
    for (int slice = 0; slice < slices.count(); slice++) {
      kept[slices.z(slice)] = new float[Math.multiplyExact(width, shown.shape().y())];
    }
    NiftiReader.scan(
        scan,
        UnaryOperator.identity(),
        new NiftiReader.Voxels() {
          private int stored;

          @Override
          public void take(double[] values, int n) {
            for (int i = 0; i < n; i++) {
              float[] plane = kept[shown.along(2, stored)];
              if (plane != null) {
                plane[shown.along(0, stored) + width * shown.along(1, stored)] = (float) values[i];
              }
              stored++;
            }
          }
        });
    return (x, y, z) -> kept[z][x + width * y];
  }

  /** The slices that the network's input reaches into. */
  private static AxialSlices seen(AxialSlices whole, Volume map) {
    Shape s = map.shape();
    var toScan = whole.affine().inverse().times(map.affine());
    double from = Double.POSITIVE_INFINITY;
    double to = Double.NEGATIVE_INFINITY;
    for (int corner = 0; corner < 8; corner++) {
      double z =
          toScan
              .apply(
                  (corner & 1) * s.x() - 0.5,
                  (corner >> 1 & 1) * s.y() - 0.5,
                  (corner >> 2) * s.z() - 0.5)[2];
      from = Math.min(from, z);
      to = Math.max(to, z);
    }
    int first = Math.max(0, (int) Math.round(from + 0.5));
    int end = Math.min(whole.shape().z(), (int) Math.round(to + 0.5));
    return whole.between(first, Math.max(first + 1, end));
  }

  private static int gray(double hu) {
    double part = (hu - BLACK) / (WHITE - BLACK);
    return (int) Math.round(255 * Math.min(1, Math.max(0, part)));
  }

  private static void draw(Canvas canvas, AxialSlices slices, int top, IntUnaryOperator colour) {
    int width = slices.pictureWidth();
    for (int y = 0; y < slices.height(); y++) {
      for (int x = 0; x < width; x++) {
        canvas.set(x, top + y, colour.applyAsInt(x + width * y));
      }
    }
  }

  /** A bar of the layer's colours between its least and greatest value, at the right. */
  private static void legend(Canvas canvas, int width, int top, Layer layer) {
    double limit = layer.limit();
    String most = number(limit);
    String least = layer.signed() && limit > 0 ? "-" + most : "0";
    int right = width - PAD - Canvas.widthOf(most) - PAD;
    int left = right - BAR;
    canvas.text(left - PAD - Canvas.widthOf(least), top, least, TEXT_COLOUR);
    canvas.text(right + PAD, top, most, TEXT_COLOUR);
    for (int x = left; x < right; x++) {
      double part = (x - left + 0.5) / BAR;
      int colour = layer.over(layer.signed() ? 2 * part - 1 : part, 0x60);
      for (int y = top; y < top + Canvas.TEXT; y++) {
        canvas.set(x, y, colour);
      }
    }
  }

  private static String number(double value) {
    return value == 0
        ? "0"
        : new BigDecimal(value).round(LEGEND).stripTrailingZeros().toPlainString();
  }
}
