String log = new File(basedir, "build.log").text
assert log.count("1 run is not wholly there: status 401") >= 3
assert log.contains("there is no server \"unknown\" with a password in settings.xml")

String password = "pass-wort-GEHEIM-4711"
String basic = ("hugo:" + password).bytes.encodeBase64().toString()
Set<String> asked = new File(basedir, "asked.txt").readLines().toSet()
assert asked == ["Basic " + basic].toSet()
basedir.eachFileRecurse(groovy.io.FileType.FILES) { file ->
  if (!(file.name in ["asked.txt", "verify.groovy"])) {
    assert !file.text.contains(password) : file
    assert !file.text.contains(basic) : file
  }
}
