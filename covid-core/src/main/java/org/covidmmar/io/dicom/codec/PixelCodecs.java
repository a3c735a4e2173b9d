package org.covidmmar.io.dicom.codec;

import java.util.Optional;

/** The codecs by transfer syntax. */
public final class PixelCodecs {
  private static final String JPEG_BASELINE = "1.2.840.10008.1.2.4.50";
  private static final String JPEG_EXTENDED = "1.2.840.10008.1.2.4.51";
  private static final String JPEG_LOSSLESS = "1.2.840.10008.1.2.4.57";
  private static final String JPEG_LOSSLESS_FIRST_ORDER = "1.2.840.10008.1.2.4.70";
  private static final String JPEG_LS = "1.2.840.10008.1.2.4.80";
  private static final String JPEG_LS_NEAR = "1.2.840.10008.1.2.4.81";
  private static final String JPEG_2000_LOSSLESS = "1.2.840.10008.1.2.4.90";
  private static final String JPEG_2000 = "1.2.840.10008.1.2.4.91";
  private static final String RLE = "1.2.840.10008.1.2.5";

  private PixelCodecs() {}

  /** The decoder of a transfer syntax of encapsulated pixel data; empty where there is none. */
  public static Optional<PixelCodec> of(String transferSyntaxUid) {
    return Optional.ofNullable(
        switch (transferSyntaxUid) {
          case JPEG_BASELINE, JPEG_EXTENDED -> new DctJpegCodec();
          case JPEG_LOSSLESS, JPEG_LOSSLESS_FIRST_ORDER -> new LosslessJpegCodec();
          case JPEG_LS, JPEG_LS_NEAR -> new JpegLsCodec();
          case JPEG_2000_LOSSLESS, JPEG_2000 -> new Jpeg2000Codec();
          case RLE -> new RleCodec();
          default -> null;
        });
  }

  /** For messages: what the standard calls the transfer syntax, and its UID. */
  public static String name(String transferSyntaxUid) {
    String name =
        switch (transferSyntaxUid) {
          case "1.2.840.10008.1.2" -> "implicit VR little endian";
          case "1.2.840.10008.1.2.1" -> "explicit VR little endian";
          case "1.2.840.10008.1.2.1.99" -> "deflated explicit VR little endian";
          case "1.2.840.10008.1.2.2" -> "explicit VR big endian";
          case JPEG_BASELINE -> "JPEG baseline";
          case JPEG_EXTENDED -> "JPEG extended";
          case "1.2.840.10008.1.2.4.53" -> "JPEG spectral selection";
          case "1.2.840.10008.1.2.4.55" -> "JPEG full progression";
          case JPEG_LOSSLESS -> "JPEG lossless";
          case JPEG_LOSSLESS_FIRST_ORDER -> "JPEG lossless, first-order";
          case JPEG_LS -> "JPEG-LS lossless";
          case JPEG_LS_NEAR -> "JPEG-LS near-lossless";
          case JPEG_2000_LOSSLESS -> "JPEG 2000 lossless";
          case JPEG_2000 -> "JPEG 2000";
          case "1.2.840.10008.1.2.4.201" -> "high-throughput JPEG 2000 lossless";
          case "1.2.840.10008.1.2.4.202" -> "high-throughput JPEG 2000 lossless RPCL";
          case "1.2.840.10008.1.2.4.203" -> "high-throughput JPEG 2000";
          case RLE -> "RLE lossless";
          default -> "transfer syntax";
        };
    boolean uid = transferSyntaxUid.matches("[0-9.]{0,64}");
    return name + (uid ? " (" + transferSyntaxUid + ")" : " whose UID is none");
  }
}
