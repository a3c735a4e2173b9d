String log = new File(basedir, "build.log").text
assert log.contains("run: ")
List<File> runs = new File(basedir, "mlruns").listFiles().findAll { it.directory }
    .collectMany { it.listFiles().findAll { it.directory } }
assert runs.size() == 1
File artifacts = new File(runs[0], "artifacts")
assert new File(artifacts, "model/model.safetensors").isFile()
assert new File(artifacts, "evaluation/predictions.csv").readLines().size() == 3
List<String> predictions = new File(basedir, "target/covid/infer/predictions.csv").readLines()
assert predictions[0] == "id,image,p_non_covid,p_covid,predicted,label"
assert predictions.size() == 3
