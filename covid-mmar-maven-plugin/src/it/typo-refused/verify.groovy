String log = new File(basedir, "build.log").text
for (String part : [
    "-Dcovid.treads: there is no such property", "did you mean covid.threads?",
    "pom.xml:12: covid.epoch: there is no such property", "did you mean covid.epochs?",
    "pom.xml:13: covid.lrPolicy: ", "did you mean step?",
    "pom.xml:14: covid.phantom.cases: expected three even numbers",
    "pom.xml:15: covid.fork: expected true or false",
    "pom.xml:25: <batchsiz>: no goal has such an element", "did you mean batchSize?",
    "pom.xml:26: <preTransforms>: ", "did you mean Resize?"]) {
  assert log.count(part) == 3 : part
}
assert log.count("configuration: 7 problems:") == 3
assert !log.contains("\tat ")
