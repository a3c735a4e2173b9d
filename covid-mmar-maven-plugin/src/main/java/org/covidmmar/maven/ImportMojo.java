package org.covidmmar.maven;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Mojo;
import org.apache.maven.plugins.annotations.Parameter;
import org.covidmmar.AtomicFiles;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.config.Setting;
import org.covidmmar.mmar.MmarArchive;
import org.covidmmar.mmar.MmarExperiment;
import org.covidmmar.mmar.MmarReader;

/**
 * Makes an experiment project out of the configuration of an MMAR: a pom whose properties say what
 * the MMAR says, so that {@code mvn verify} in it trains as {@code covid:train} with {@code
 * covid.mmar} does. Needs no project.
 */
@Mojo(name = "import", requiresProject = false, threadSafe = true)
public final class ImportMojo extends AbstractMmarMojo {

  /** The project's groupId. */
  @Parameter(property = "covid.import.groupId", defaultValue = "org.example")
  private String importGroupId;

  /** The project's artifactId; the name of the MMAR where none is given. */
  @Parameter(property = "covid.import.artifactId")
  private String importArtifactId;

  /** The project's version. */
  @Parameter(property = "covid.import.version", defaultValue = "1.0-SNAPSHOT")
  private String importVersion;

  /** Folder of the project; one named as its artifactId where none is given. */
  @Parameter(property = "covid.import.folder")
  private File importFolder;

  @Override
  public void execute() throws MojoFailureException {
    try {
      importMmar();
    } catch (CovidException e) {
      throw new MojoFailureException(e.getMessage(), e);
    } catch (InvalidPathException e) {
      throw new MojoFailureException(FileNames.refused(e).getMessage(), e);
    }
  }

  private void importMmar() {
    new TypoGuard(new PluginParameters(plugin))
        .check(GivenValues.of(project, session, plugin.getPluginLookupKey()));
    if (mmar == null || !mmar.exists()) {
      throw new CovidException(
          "covid.mmar",
          mmar == null ? "is not given" : "does not exist: " + mmar,
          "give the folder of an MMAR, or its archive, as in -Dcovid.mmar=covid_ct");
    }
    String artifactId = artifactId();
    Path folder =
        importFolder != null
            ? importFolder.toPath()
            : Path.of(session.getExecutionRootDirectory()).resolve(artifactId);
    Path pom = folder.resolve("pom.xml");
    if (Files.exists(pom)) {
      throw new CovidException(
          pom, "is there already", "give another covid.import.folder, or remove it");
    }
    File read = mmar;
    if (mmar.isFile()) {
      // Under the MMAR's own name, which is the experiment's.
      Path unpacked = folder.resolve("mmar").resolve(name());
      MmarArchive.extractConfiguration(mmar.toPath(), unpacked);
      read = unpacked.toFile();
    }
    MmarExperiment experiment = read(read, MmarReader.Results.NONE);
    ImportedProject project =
        new ImportedProject(
            importGroupId, artifactId, importVersion, plugin.getVersion(), experiment);
    String text = project.pom();
    AtomicFiles.writeString(folder.resolve("README.md"), project.readme());
    AtomicFiles.writeString(
        folder.resolve(".gitignore"), "target/\nmlruns/\nmlflow.env\n.covid/\n");
    AtomicFiles.writeString(pom, text);
    experiment.notes().forEach(note -> getLog().info("mmar: " + note));
    MmarExperiment.Value dataRoot = experiment.settings().get(Setting.DATA_ROOT);
    if (dataRoot == null || !Files.isDirectory(Path.of(dataRoot.text()))) {
      getLog()
          .warn(
              (dataRoot == null
                      ? "the MMAR does not say where its data is"
                      : "there is no " + dataRoot.text())
                  + ": set covid.dataRoot and covid.dataset in "
                  + pom);
    }
    getLog().info("wrote: " + pom);
  }

  private String artifactId() {
    String given = importArtifactId != null ? importArtifactId : name();
    if (!given.matches("[A-Za-z0-9_.-]+")) {
      throw new CovidException(
          "covid.import.artifactId",
          "expected letters, digits, _, - and ., found \"" + given + "\"",
          "give such a name");
    }
    return given;
  }

  private String name() {
    String name = mmar.toPath().toAbsolutePath().normalize().getFileName().toString();
    return mmar.isFile() ? name.replaceFirst("\\.(zip|mmar)$", "") : name;
  }
}
