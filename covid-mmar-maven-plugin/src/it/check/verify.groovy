String log = new File(basedir, "build.log").text
assert log.contains("[WARNING] rare-class (the first of 4): ")
assert log.contains("check: up to date")
for (text in [
    "training[0].image: " + new File(basedir, "bad/letter.nii") + ": not a NIfTI file",
    "training[1].image: " + new File(basedir, "bad/gone.nii") + ": does not exist",
    "is 2; expected 0 or 1",
    "validation: the list is empty",
    "covid.batchSize: 5 is more than the 2 cases of the list training"]) {
  assert log.contains(text)
}
assert !log.contains("\tat ")

List findings = new groovy.json.JsonSlurper().parse(new File(basedir, "target/covid/check/findings.json"))
assert findings.count { it.severity == "error" } == 5
assert findings[0].place == "training[0].image" && findings[0].kind == "file-unreadable"
