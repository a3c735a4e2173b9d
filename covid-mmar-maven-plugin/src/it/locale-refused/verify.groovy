String log = new File(basedir, "build.log").text
assert log.contains("expected characters that the locale has")
assert log.contains("LC_ALL=C.UTF-8")
assert !log.contains("InvalidPathException")
assert !log.contains("\tat ")
