String log = new File(basedir, "build.log").text
for (module in ["seed-0", "seed-1", "tuned"]) {
  assert new File(basedir, module + "/target/" + module + "-1.mmar").isFile()
  assert new File(basedir, module + "/mlruns/1").listFiles().count { it.directory } == 1
}
// Built from the reactor: nothing was installed.
assert log.contains("BUILD SUCCESS")
assert !new File(localRepositoryPath, "org/covidmmar/it/seed-0").exists()
