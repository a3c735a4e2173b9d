assert new File(basedir, "build.log").text.contains("skipped: this project only groups its modules")
assert !new File(basedir, "data").exists()
assert new File(basedir, "site-a/data/dataset.json").isFile()
