String log = new File(basedir, "build.log").text
assert log.contains("[WARNING] -Dcovid.phantom.severity=1 is not used: ")
assert log.contains("pom.xml:24: <phantomSeverity>, 1.5, wins over it")
assert log.count("[WARNING] -Dcovid.") == 1
