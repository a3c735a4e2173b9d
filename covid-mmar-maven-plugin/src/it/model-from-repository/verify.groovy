import java.security.MessageDigest
import java.util.zip.ZipFile

String log = new File(basedir, "build.log").text
File models = new File(basedir, "target/models/org/covidmmar/it/models")

String card(File archive) {
    new ZipFile(archive).withCloseable { zip ->
        assert zip.getEntry("models/model.safetensors") != null
        zip.getInputStream(zip.getEntry("docs/model-card.md")).text
    }
}

// Attached in packaging pom, the project's artifact in covid-experiment: published alike.
["base", "other"].each { name ->
    File archive = new File(models, name + "/1/" + name + "-1.mmar")
    ["md5": "MD5", "sha1": "SHA-1"].each { extension, algorithm ->
        String expected = new File(archive.path + "." + extension).text.trim()
        assert MessageDigest.getInstance(algorithm).digest(archive.bytes).encodeHex().toString() == expected
    }
    assert new File(models, name + "/1/" + name + "-1.pom").text.startsWith("<?xml")
    assert card(archive).startsWith("# `org.covidmmar.it.models:" + name + ":mmar:1`")
    assert card(archive).contains("| AUC |")
}
assert card(new File(models, "other/1/other-1.mmar")).contains("| started from | `org.covidmmar.it.models:base:mmar:1` |")
assert new File(localRepositoryPath, "org/covidmmar/it/models/other/1/other-1.mmar").isFile()

List<File> runs = new File(basedir, "other/mlruns").listFiles().findAll { it.directory }
    .collectMany { it.listFiles().findAll { it.directory } }
assert runs.size() == 1
assert new File(runs[0], "params/network.pretrained").text == "org.covidmmar.it.models:base:mmar:1"
assert new File(basedir, "other/target/covid/validate/evaluation.json").isFile()
assert new File(basedir, "other/target/covid/infer/predictions.csv").isFile()
assert log.count("] train: up to date") == 3
assert log.count("] package: up to date") == 2
assert !log.contains("is taken from an earlier build")
assert log.count("] infer: up to date") == 1

String refused = "covid.model: the model org.covidmmar.it.models:base:mmar:9 was not found in the local repository"
assert log =~ /\Q${refused}\E nor in .*models \(file:.*, central \(/
assert log.contains(refused + ", and Maven is offline")
assert log.contains("covid.model: the version is missing of org.covidmmar.it.models:another:mmar")
assert !log.contains("\tat ")
