String log = new File(basedir, "build.log").text
for (version in ["3.8.8", "3.9.12", "4.0.0-rc-5"]) {
  assert log.contains("Apache Maven " + version)
}
assert log.count("BUILD SUCCESS") == 3
assert log.count("train: no finished run yet") == 1
for (goal in ["check", "train", "validate", "package", "report"]) {
  assert log.contains("] " + goal + ": up to date")
}
assert log.contains("train: seed changed 1 -> 3")
assert new File(basedir, "quiet.log").text == ""

Set seeds = new File(basedir, "mlruns/1").listFiles().findAll { it.directory }
    .collect { new File(it, "params/training.seed").text.trim() } as Set
assert seeds == ["0", "1", "3"] as Set
assert new File(basedir, "mlruns/1").listFiles().count { new File(it, "artifacts/report.html").isFile() } == 2

File deployed = new File(basedir, "target/deployed/org/covidmmar/it/lifecycle/1")
for (name in ["lifecycle-1.mmar", "lifecycle-1.mmar.sha1", "lifecycle-1.pom"]) {
  assert new File(deployed, name).isFile()
}
assert new java.util.zip.ZipFile(new File(deployed, "lifecycle-1.mmar")).entries().toList()
    .any { it.name.endsWith("model.safetensors") }
