package org.covidmmar.io.dicom.codec;

import java.util.Optional;

/** The codecs by transfer syntax. */
public final class PixelCodecs {
  private PixelCodecs() {}

  /** The decoder of a transfer syntax of encapsulated pixel data; empty where there is none. */
  public static Optional<PixelCodec> of(String transferSyntaxUid) {
    return Optional.ofNullable(
        switch (transferSyntaxUid) {
          default -> null;
        });
  }

  /** For messages: what the standard calls the transfer syntax, and its UID, whatever it is. */
  public static String name(String transferSyntaxUid) {
    String name =
        switch (transferSyntaxUid) {
          case "1.2.840.10008.1.2" -> "implicit VR little endian";
          case "1.2.840.10008.1.2.1" -> "explicit VR little endian";
          case "1.2.840.10008.1.2.1.99" -> "deflated explicit VR little endian";
          case "1.2.840.10008.1.2.2" -> "explicit VR big endian";
          case "1.2.840.10008.1.2.4.50" -> "JPEG baseline";
          case "1.2.840.10008.1.2.4.51" -> "JPEG extended";
          case "1.2.840.10008.1.2.4.53" -> "JPEG spectral selection";
          case "1.2.840.10008.1.2.4.55" -> "JPEG full progression";
          case "1.2.840.10008.1.2.4.57" -> "JPEG lossless";
          case "1.2.840.10008.1.2.4.70" -> "JPEG lossless, first-order";
          case "1.2.840.10008.1.2.4.80" -> "JPEG-LS lossless";
          case "1.2.840.10008.1.2.4.81" -> "JPEG-LS near-lossless";
          case "1.2.840.10008.1.2.4.90" -> "JPEG 2000 lossless";
          case "1.2.840.10008.1.2.4.91" -> "JPEG 2000";
          case "1.2.840.10008.1.2.4.201" -> "high-throughput JPEG 2000 lossless";
          case "1.2.840.10008.1.2.4.202" -> "high-throughput JPEG 2000 lossless RPCL";
          case "1.2.840.10008.1.2.4.203" -> "high-throughput JPEG 2000";
          case "1.2.840.10008.1.2.5" -> "RLE lossless";
          default -> "transfer syntax";
        };
    return name + " (" + transferSyntaxUid + ")";
  }
}
