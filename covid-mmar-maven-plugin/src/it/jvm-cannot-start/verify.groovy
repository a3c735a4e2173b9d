String log = new File(basedir, "build.log").text
assert log.contains("covid:phantom: its JVM ended with exit code 1")
assert log.contains("NoSuchFlag")
assert !log.contains("\tat ")
