String log = new File(basedir, "build.log").text
assert log.contains("train: no finished run yet")
for (goal in ["phantom", "check", "train", "validate"]) {
  assert log.count("] " + goal + ": up to date") == 5
}
// Not in the third call, which a gate ends before.
assert log.count("] report: up to date") == 4
assert log.contains("train: learningRate changed 1.0E-12 -> 1.0E-11")
assert log.contains("covid.gate.accuracy: accuracy at least 0.99 expected, found 0.5")
assert log.contains("gates are not looked at")

List<File> runs = new File(basedir, "mlruns/1").listFiles().findAll { it.directory }
assert runs.size() == 1
File report = new File(runs[0], "artifacts/report.html")
assert report.text.contains("ROC curve")
assert log.contains("wrote: " + report)

File gates = new File(basedir, "target/surefire-reports/TEST-org.covidmmar.it.gates.Gates.xml")
assert log.count("gates: " + gates) == 2
assert !gates.exists()
