assert new File(basedir, "build.log").text.count("skipped, as covid.skip") == 3
assert !new File(basedir, "mlruns").exists()
assert !new File(basedir, "data").exists()
