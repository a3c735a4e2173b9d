String log = new File(basedir, "build.log").text
assert log.contains("sweep 1/4: learningRate=1e-3 seed=0")
assert log.contains("sweep 4/4: learningRate=1e30 seed=1")

List<String> failures = log.readLines().findAll { it.startsWith("[ERROR]") || it.startsWith("- learningRate") }
["seed=0", "seed=1"].each { seed ->
    assert failures.count { it.contains("learningRate=1e30 " + seed) } == 2
    assert failures.count { it.contains("learningRate=1e-3 " + seed) } == 0
}
assert log.contains("covid:sweep: 2 of 4 points failed:")
assert !log.contains("\tat ")

// Trained once, though the goal ran twice.
assert log.readLines().count { it.contains("best so far") } == 2
assert log.readLines().count { it.contains("train: up to date") } == 2
assert log.readLines().count { it.contains("validate: up to date") } == 2

List<File> runs = new File(basedir, "mlruns/1").listFiles().findAll { it.directory }
List<File> finished = runs.findAll { new File(it, "meta.yaml").text.contains("status: 3") }
assert finished.size() == 2
assert finished.collect { new File(it, "tags/covid.sweep.point").text }.sort() ==
    ["learningRate=1e-3 seed=0", "learningRate=1e-3 seed=1"]
assert finished.collect { new File(it, "tags/covid.sweep").text }.unique().size() == 1

File folder = new File(basedir, "target/covid/sweep")
List<List<String>> points = new File(folder, "sweep.csv").readLines().collect { it.split(",", -1) as List }
assert points[0].take(4) == ["learningRate", "seed", "best_epoch", "auc"]
assert points.drop(1).collect { it[0] + " " + it[1] } == ["1e-3 0", "1e-3 1", "1e30 0", "1e30 1"]
int run = points[0].indexOf("run")
assert points[1..2].collect { it[run] }.sort() == finished.collect { it.name }.sort()
assert points.drop(1).collect { it[run + 1] } == ["up to date", "up to date", "failed", "failed"]
List<String> summary = new File(folder, "summary.csv").readLines()
assert summary[0] == "learningRate,figure,n,mean,sd,low,high"
assert summary[1].startsWith("1e-3,auc,2,")
assert summary[4] == "1e30,accuracy,0,,,,"

String page = new File(folder, "report.html").text
assert finished.every { page.contains(it.name.take(8)) }
