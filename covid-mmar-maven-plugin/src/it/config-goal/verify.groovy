for (version in ["3.8.8", "3.9.12", "4.0.0-rc-5"]) {
  def rows = new groovy.json.JsonSlurper().parse(new File(basedir, "site/config-" + version + ".json"))
      .collectEntries { [it.name, it] }
  def is = { name, value, source, id, place ->
    def row = rows[name]
    assert row.value == value && row.source == source && row.id == id && row.place.endsWith(place) : version
  }
  is("covid.seed", "5", "command_line", "", "")
  is("covid.epochs", "2", "profile", "quick", "site/pom.xml:23")
  is("covid.dropout", "0.1", "pom", "", "site/pom.xml:15")
  is("covid.learningRate", "1e-3", "parent_pom", "", "config-goal/pom.xml:17")
  is("covid.batchSize", "4", "configuration", "", "config-goal/pom.xml:27")
  is("covid.threshold", "0.5", "default", "", "")
}
String log = new File(basedir, "build.log").text
assert log.contains("<batchSize> wins over -Dcovid.batchSize")
assert log =~ /covid.epochs +2 +profile quick, pom.xml:23/
