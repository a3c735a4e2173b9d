String log = new File(basedir, "build.log").text
assert log.count("BUILD SUCCESS") == 2
String page = new File(basedir, "target/site/covid-mmar.html").text
assert page.contains("covid-mmar run")
assert page.contains("2 labelled cases, threshold 0.5")
assert page.contains("sensitivity")
assert page.contains('href="covid-mmar/report.html"')
assert page.contains("not for diagnosis")
File copy = new File(basedir, "target/site/covid-mmar/report.html")
File run = new File(basedir, "mlruns/1").listFiles().find { it.directory }
assert copy.bytes == new File(run, "artifacts/report.html").bytes
assert copy.text.contains('class="saliency"')
assert new File(basedir, "target/site/project-reports.html").text.contains("The newest run")
