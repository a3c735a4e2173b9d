import java.nio.ByteBuffer
import java.nio.ByteOrder

// A CT of four slices of 8x6 pixels in implicit VR, the way a scanner's archive has it.
byte[] element(int group, int element, byte[] value) {
  byte[] even = Arrays.copyOf(value, value.length + value.length % 2)
  ByteBuffer bytes = ByteBuffer.allocate(8 + even.length).order(ByteOrder.LITTLE_ENDIAN)
  bytes.putShort((short) group).putShort((short) element).putInt(even.length).put(even).array()
}

byte[] text(int group, int number, String value) {
  element(group, number, value.getBytes("US-ASCII"))
}

byte[] number(int group, int number, int value) {
  element(group, number, ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort((short) value).array())
}

byte[] slice(int n) {
  ByteBuffer pixels = ByteBuffer.allocate(2 * 8 * 6).order(ByteOrder.LITTLE_ENDIAN)
  (0..<48).each { pixels.putShort((short) (1000 + 10 * n + it)) }
  ByteArrayOutputStream out = new ByteArrayOutputStream()
  out.write(new byte[128])
  out.write("DICM".bytes)
  // The one element of group 2 that is needed, with its VR.
  byte[] syntax = Arrays.copyOf("1.2.840.10008.1.2".bytes, 18)
  out.write([2, 0, 0x10, 0, (int) 'U', (int) 'I', 18, 0] as byte[])
  out.write(syntax)
  [text(0x8, 0x8, "ORIGINAL\\PRIMARY\\AXIAL"), text(0x8, 0x16, "1.2.840.10008.5.1.4.1.1.2"),
      text(0x8, 0x18, "1.2.3." + n), text(0x8, 0x60, "CT"), text(0x10, 0x10, "DOE^JANE"),
      text(0x10, 0x20, "4711"), text(0x20, 0xd, "1.2"), text(0x20, 0xe, "1.2.3"),
      text(0x20, 0x11, "5"), text(0x20, 0x13, "" + (n + 1)),
      text(0x20, 0x32, "-10\\-20\\" + 2 * n), text(0x20, 0x37, "1\\0\\0\\0\\1\\0"),
      number(0x28, 0x2, 1), number(0x28, 0x10, 6), number(0x28, 0x11, 8),
      text(0x28, 0x30, "0.5\\0.5"), number(0x28, 0x100, 16), number(0x28, 0x101, 12),
      number(0x28, 0x102, 11), number(0x28, 0x103, 0), text(0x28, 0x1052, "-1024"),
      text(0x28, 0x1053, "1"), element(0x7fe0, 0x10, pixels.array())].each { out.write(it) }
  out.toByteArray()
}

File dicom = new File(basedir, "dicom/study")
File damaged = new File(basedir, "damaged")
[dicom, damaged]*.mkdirs()
(0..3).each { new File(dicom, it + ".dcm").bytes = slice(it) }
byte[] whole = slice(0)
new File(damaged, "cut.dcm").bytes = Arrays.copyOf(whole, whole.length - 20)
return true
