String log = new File(basedir, "build.log").text
assert log.contains("1 series, 0 of them unchanged; 0 problems")
assert log.contains("convert: up to date")
assert log.contains(new File(basedir, "damaged/cut.dcm").path)
assert !log.contains("\tat ")

List volumes = new File(basedir, "data").listFiles().findAll { it.name.endsWith(".nii.gz") }
assert volumes.size() == 1
byte[] volume = new java.util.zip.GZIPInputStream(volumes[0].newInputStream()).bytes
java.nio.ByteBuffer header = java.nio.ByteBuffer.wrap(volume).order(java.nio.ByteOrder.LITTLE_ENDIAN)
assert (1..3).collect { header.getShort(40 + 2 * it) } == [8, 6, 4]
assert !new File(basedir, "other").listFiles().any { it.name.endsWith(".nii.gz") }

String sidecar = new File(basedir, "data/" + (volumes[0].name - ".nii.gz") + ".json").text
assert new groovy.json.JsonSlurper().parseText(sidecar).patientHash.length() == 16
for (identity in ["DOE", "4711"]) {
  assert ![sidecar, log, new String(volume, "ISO-8859-1")].any { it.contains(identity) }
}
