String log = new File(basedir, "build.log").text
assert log.contains("covid:train")
assert log.contains("User property: covid.learningRate")
assert log.contains("default 5e-6")
