String log = new File(basedir, "build.log").text
for (String part : [
    "-Dcovid.treads: there is no such property", "did you mean covid.threads?",
    "pom.xml:12: covid.epoch: there is no such property", "did you mean covid.epochs?",
    "pom.xml:22: <batchsiz>: no goal has such an element", "did you mean batchSize?"]) {
  assert log.contains(part)
}
assert log.count("covid.epoch:") == 1
assert !log.contains("\tat ")
