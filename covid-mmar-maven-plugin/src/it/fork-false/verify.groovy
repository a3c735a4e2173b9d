String log = new File(basedir, "build.log").text
assert log.contains("[WARNING] covid.fork=false: computing inside Maven's JVM")
assert log.contains("wrote: ")
assert new File(basedir, "data/dataset.json").isFile()
