File project = new File(basedir, "project/lung-study")
["README.md", ".gitignore", ".gitlab-ci.yml", ".github/workflows/experiment.yml", ".mvn/jvm.config", ".mvn/maven.config"].each {
  assert new File(project, it).isFile()
}

// The user's own list of cases is not touched by the synthetic cohort.
assert new File(project, "data/dataset.json").text.contains("scans/a.nii.gz")
assert new File(project, "target/phantom/dataset.json").isFile()

File runs = new File(project, "mlruns/1")
assert new File(runs, "meta.yaml").text.contains("lung-study-quick")
File run = runs.listFiles().find { it.directory }
["model/model.safetensors", "provenance.json", "evaluation/evaluation.json", "report.html"].each {
  assert new File(run, "artifacts/" + it).isFile()
}
assert new File(project, "target/lung-study-1.0-SNAPSHOT.mmar").isFile()
def gates = new groovy.xml.XmlSlurper().parse(
    new File(project, "target/surefire-reports/TEST-org.example.lung-study.Gates.xml"))
assert gates.@tests == "1" && gates.@failures == "0"

// What its CI files do after verify, of one epoch.
def again = new groovy.json.JsonSlurper().parse(new File(project, "target/covid/reproduce/reproduction.json"))
assert again.verdict == "identical" && again.epochs == 1 && again.differences == []
