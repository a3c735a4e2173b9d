package org.covidmmar.io.dicom.codec;

import com.github.jaiimageio.jpeg2000.impl.J2KImageReadParamJava;
import java.io.IOException;
import java.util.Objects;
import jj2000.j2k.codestream.HeaderInfo;
import jj2000.j2k.codestream.reader.BitstreamReaderAgent;
import jj2000.j2k.codestream.reader.HeaderDecoder;
import jj2000.j2k.decoder.DecoderSpecs;
import jj2000.j2k.image.DataBlkInt;
import jj2000.j2k.image.ImgDataConverter;
import jj2000.j2k.quantization.dequantizer.Dequantizer;
import jj2000.j2k.util.FacilityManager;
import jj2000.j2k.util.MsgLogger;
import jj2000.j2k.wavelet.synthesis.InverseWT;

/**
 * JPEG 2000 (ITU-T T.800) by JJ2000, whose parts are put together here as its image reader does it:
 * that one needs AWT, and changes what all threads share.
 */
final class Jpeg2000Codec implements PixelCodec {
  static {
    FacilityManager.registerMsgLogger(null, new Warnings());
  }

  @Override
  public void decode(byte[] frame, int offset, int length, FrameLayout layout, short[] out)
      throws CodecException {
    Jpeg2000Headers headers = new Jpeg2000Headers(frame, offset, length, layout);
    headers.check();
    Warnings.forget();
    try {
      decode(new Jpeg2000Input(headers.stream()), headers, layout, out);
    } catch (IOException | RuntimeException e) {
      throw damaged(e);
    } catch (Error e) {
      // JJ2000 throws Errors where others throw exceptions.
      if (e instanceof VirtualMachineError || e instanceof LinkageError) {
        throw e;
      }
      throw damaged(e);
    }
    String warning = Warnings.first();
    if (warning != null) {
      throw new CodecException("the JPEG 2000 stream is damaged: " + warning);
    }
    layout.extend(out, 0);
  }

  private static CodecException damaged(Throwable e) {
    String why = Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    return new CodecException("the JPEG 2000 stream is damaged: " + why, e);
  }

  private static void decode(
      Jpeg2000Input input, Jpeg2000Headers headers, FrameLayout layout, short[] out)
      throws IOException, CodecException {
    J2KImageReadParamJava parameters = new J2KImageReadParamJava();
    HeaderInfo info = new HeaderInfo();
    HeaderDecoder header = new HeaderDecoder(input, parameters, info);
    DecoderSpecs specs = header.getDecoderSpecs();
    BitstreamReaderAgent reader =
        BitstreamReaderAgent.createInstance(input, header, parameters, specs, false, info);
    Dequantizer dequantizer =
        header.createDequantizer(
            header.createROIDeScaler(
                header.createEntropyDecoder(reader, parameters), parameters, specs),
            new int[] {header.getOriginalBitDepth(0)},
            specs);
    InverseWT wavelets = InverseWT.createInstance(dequantizer, specs);
    wavelets.setImgResLevel(reader.getImgRes());
    ImgDataConverter image = new ImgDataConverter(wavelets, 0);
    boolean signed = header.isOriginalSigned(0);
    int middle = 1 << (header.getOriginalBitDepth(0) - 1);
    for (int tile = 0; tile < headers.tiles(); tile++) {
      image.setTile(tile % headers.tilesAcross(), tile / headers.tilesAcross());
      int width = image.getTileWidth();
      int height = image.getTileHeight();
      int x = image.getCompULX(0) - image.getImgULX();
      int y = image.getCompULY(0) - image.getImgULY();
      if (x < 0 || y < 0 || width > layout.columns() - x || height > layout.rows() - y) {
        throw new CodecException("tile " + tile + " is outside the image");
      }
      DataBlkInt block =
          (DataBlkInt) image.getInternCompData(new DataBlkInt(0, 0, width, height), 0);
      int[] data = block.getDataInt();
      int shift = signed ? 0 : middle;
      int least = -middle;
      int most = middle - 1;
      if (signed == layout.signed() && !specs.wfs.isReversible(tile, 0)) {
        // What a lossy stream has beyond the stored bits is its error, not another value.
        least = Math.max(least, layout.least() - shift);
        most = Math.min(most, layout.most() - shift);
      }
      for (int row = 0; row < height; row++) {
        int from = block.offset + row * block.scanw;
        int to = (y + row) * layout.columns() + x;
        for (int i = 0; i < width; i++) {
          out[to + i] = (short) (Math.max(least, Math.min(most, data[from + i])) + shift);
        }
      }
    }
  }

  /** What JJ2000 says about the stream that a thread decodes: where it mends, numbers are wrong. */
  private static final class Warnings implements MsgLogger {
    private static final ThreadLocal<String> FIRST = new ThreadLocal<>();

    static void forget() {
      FIRST.remove();
    }

    static String first() {
      String first = FIRST.get();
      FIRST.remove();
      return first;
    }

    @Override
    public void printmsg(int severity, String message) {
      // These are about segments that the pixels do not depend on, and about the number of parts.
      boolean harmless =
          message.startsWith("COM marker")
              || message.startsWith("Information in CRG")
              || message.startsWith("Header of tile-part");
      if (severity >= WARNING && !harmless && FIRST.get() == null) {
        FIRST.set(message);
      }
    }

    @Override
    public void println(String line, int firstIndent, int indent) {}

    @Override
    public void flush() {}
  }
}
