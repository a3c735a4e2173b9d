package org.covidmmar.io.dicom.codec;

/** Decodes frames of compressed pixel data. Has no state: several threads may share one. */
public interface PixelCodec {
  /**
   * Decodes one frame.
   *
   * @param frame holds the whole compressed stream of the frame, its fragments joined
   * @param offset where the stream begins
   * @param length bytes of the stream; padding at its end does no harm
   * @param layout what the data set says
   * @param out receives the stored values, row by row, in its first {@code layout.pixels()}
   *     elements, extended to 16 bits by {@code bitsStored} and {@code signed}: of unsigned values
   *     from 32768 it holds the bit pattern. After an exception its content is undefined
   * @throws CodecException where the stream is damaged, or differs from the layout
   */
  void decode(byte[] frame, int offset, int length, FrameLayout layout, short[] out)
      throws CodecException;
}
