String log = new File(basedir, "build.log").text
assert log.contains("reproduced: identical")
assert log.contains("found something else: learningRate 5.0E-6 -> 0.002\n") ||
    log.contains("found something else: learningRate 5.0E-6 -> 0.002\r")
assert log.contains("found something else: threads 2 -> 1")
assert log.contains("found something else: training ")
assert log.readLines().any { it.contains("configuration") && it.contains("seed") }
assert !log.contains("\tat ")

List<File> runs = new File(basedir, "mlruns/1").listFiles().findAll { it.directory }
assert runs.size() == 2
Map provenance = new groovy.json.JsonSlurper().parse(new File(runs[0], "artifacts/provenance.json"))
assert provenance.project.coordinates == "org.covidmmar.it:reproduce:1"
assert provenance.project.settings["covid.epochs"].value == "2"
assert provenance.project.settings["covid.epochs"].from.startsWith("pom.xml:")
assert provenance.outcome.model.length() == 64
assert new File(runs[0], "artifacts/project/pom.xml").text.contains("<artifactId>reproduce</artifactId>")
assert new File(basedir, "target/covid/compare/compare.html").text.contains("2 runs")

File exported = new File(basedir, "target/covid/export")
assert exported.listFiles()*.name.any { it.endsWith(".onnx") }
assert exported.listFiles()*.name.any { it.endsWith(".safetensors") }
assert new File(exported, "bundle/configs/metadata.json").isFile()
