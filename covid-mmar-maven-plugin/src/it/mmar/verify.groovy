import groovy.json.JsonSlurper
import groovy.xml.XmlSlurper

String log = new File(basedir, "build.log").text
assert log.contains("mmar: use_amp: computed in float32 all the same")
assert log.contains("model.onnx is written instead")
assert log.contains("did you mean learning_rate?")
assert !log.contains("\tat ")

// One run of each order, with what the file says, what set says, and what -D says.
List configs = new File(basedir, "mlruns/1").listFiles().findAll { it.directory }
    .collect { new JsonSlurper().parse(new File(it, "artifacts/provenance.json")).config }
    .sort { it.preprocessing.recipe }
assert configs*.preprocessing*.recipe == ["mmar", "naturecomm"]
assert configs*.experiment == ["covid_ct", "covid_ct"]
assert configs*.training*.epochs == [1, 2]
assert configs*.optimization*.learningRate == [5e-6, 1e-4]
assert configs.every { it.training.batchSize == 12 && it.training.keyMetric == "val/loss" }
assert configs.every { it.training.smartCache == [cases: 350, replaced: 0.2] && it.training.sampling == "balanced" }

// Predictions as an MMAR has them, in its folder or in the one that was given.
for (folder in ["covid_ct/eval", "paper"]) {
  List rows = new File(basedir, folder + "/preds_model.csv").readLines()*.split(",")
  assert rows.size() == 2
  rows.each { row ->
    assert row.length == 3 && new File(row[0]).file
    assert Math.abs(row[1].toFloat() + row[2].toFloat() - 1) < 1e-5
  }
  assert !new File(basedir, folder + "/predictions.csv").exists()
}
assert new File(basedir, "covid_ct/models/model.onnx").file

// Imported, it has the properties that it had as an MMAR, and no other.
def properties = new XmlSlurper().parse(new File(basedir, "imported/pom.xml")).properties.children()
    .collectEntries { [it.name(), it.text()] }
def ofMmar = new JsonSlurper().parse(new File(basedir, "config.json")).findAll { it.source == "mmar" && it.name.startsWith("covid.") && it.value }
    .collectEntries { [it.name, it.value] }
assert properties == ofMmar
assert properties["covid.learningRate"] == "5.0E-6"
assert properties["covid.dataRoot"] == new File(basedir, "covid_ct/data").path
