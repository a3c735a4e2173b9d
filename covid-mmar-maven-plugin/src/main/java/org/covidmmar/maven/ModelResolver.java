package org.covidmmar.maven;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.model.Dependency;
import org.apache.maven.plugin.logging.Log;
import org.apache.maven.project.MavenProject;
import org.covidmmar.CovidException;
import org.covidmmar.config.Setting;
import org.covidmmar.mmar.Coordinates;
import org.covidmmar.mmar.MmarArchive;
import org.eclipse.aether.RepositorySystem;
import org.eclipse.aether.artifact.Artifact;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.repository.RemoteRepository;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.transfer.ArtifactNotFoundException;

/**
 * Finds the archives that Maven coordinates in settings stand for: in the modules of this build,
 * then in the project's repositories.
 */
final class ModelResolver {
  /** The settings that coordinates may stand in. */
  private static final List<Setting> MODELS = List.of(Setting.MODEL, Setting.PRETRAINED);

  private final RepositorySystem repositories;
  private final MavenSession session;
  private final MavenProject project;
  private final Log log;

  ModelResolver(
      RepositorySystem repositories, MavenSession session, MavenProject project, Log log) {
    this.repositories = repositories;
    this.session = session;
    this.project = project;
    this.log = log;
  }

  /**
   * The files by the coordinates as they were given.
   *
   * @throws CovidException where coordinates are malformed, or stand for nothing that is found
   */
  Map<String, Path> resolve(Map<Setting, String> given) {
    Map<String, Path> files = new LinkedHashMap<>();
    for (Setting setting : MODELS) {
      String text = given.get(setting);
      if (text != null
          && Coordinates.isMeantSo(text)
          && !project.getBasedir().toPath().resolve(text).toFile().exists()) {
        files.put(text, find(setting.property(), Coordinates.parse(setting.property(), text)));
      }
    }
    return files;
  }

  private Path find(String property, Coordinates coordinates) {
    return session.getAllProjects().stream()
        .filter(module -> isOf(module, coordinates))
        .findFirst()
        .flatMap(module -> packaged(module, coordinates).or(() -> earlier(module, coordinates)))
        .orElseGet(() -> fromRepositories(property, coordinates));
  }

  private static boolean isOf(MavenProject module, Coordinates coordinates) {
    return module.getGroupId().equals(coordinates.groupId())
        && module.getArtifactId().equals(coordinates.artifactId())
        && (coordinates.version() == null || module.getVersion().equals(coordinates.version()));
  }

  /** What the module has packaged in this build. */
  private static Optional<Path> packaged(MavenProject module, Coordinates coordinates) {
    return Stream.concat(Stream.of(module.getArtifact()), module.getAttachedArtifacts().stream())
        .filter(a -> text(a.getClassifier()).equals(coordinates.classifier()))
        .map(org.apache.maven.artifact.Artifact::getFile)
        .filter(Objects::nonNull)
        .map(File::toPath)
        .filter(file -> MmarArchive.isNamedSo(file) && file.toFile().isFile())
        .findFirst();
  }

  /** What the module packaged in an earlier build; said where this build may train it anew. */
  private Optional<Path> earlier(MavenProject module, Coordinates coordinates) {
    Path file = PackageMojo.archive(module);
    if (!coordinates.classifier().isEmpty() || !file.toFile().isFile()) {
      return Optional.empty();
    }
    if (session.getProjects().contains(module)) {
      log.warn(
          coordinates
              + " is taken from an earlier build: "
              + file
              + "; run the phase package, with a <dependency> on it so that it is built first, to"
              + " have this build's");
    }
    return Optional.of(file);
  }

  private static String text(String classifier) {
    return Objects.requireNonNullElse(classifier, "");
  }

  private Path fromRepositories(String property, Coordinates coordinates) {
    String version =
        coordinates.version() != null
            ? coordinates.version()
            : managedVersion(coordinates).orElseThrow(() -> noVersion(property, coordinates));
    Artifact artifact =
        new DefaultArtifact(
            coordinates.groupId(),
            coordinates.artifactId(),
            coordinates.classifier(),
            MmarArchive.EXTENSION,
            version);
    List<RemoteRepository> remote = project.getRemoteProjectRepositories();
    try {
      return repositories
          .resolveArtifact(
              session.getRepositorySession(), new ArtifactRequest(artifact, remote, "covid"))
          .getArtifact()
          .getFile()
          .toPath();
    } catch (ArtifactResolutionException e) {
      throw new CovidException(
          property,
          "the model " + artifact + " was not found " + places(remote) + reason(e),
          session.isOffline()
              ? "run once without -o, install the model into the local repository, or give its .mmar"
                  + " file"
              : "correct the coordinates, add the repository that has the model to the pom's"
                  + " <repositories>, add -U where it was published a short while ago, or give its"
                  + " .mmar file");
    }
  }

  private String places(List<RemoteRepository> remote) {
    String local = "in the local repository";
    if (session.isOffline()) {
      return local + ", and Maven is offline";
    }
    return remote.stream()
        .map(repository -> repository.getId() + " (" + repository.getUrl() + ")")
        .collect(Collectors.joining(", ", local + " nor in ", ""));
  }

  /** Nothing that {@link #places} does not say, where a repository answered that it has none. */
  private String reason(ArtifactResolutionException e) {
    return session.isOffline() || e.getCause() instanceof ArtifactNotFoundException
        ? ""
        : ": " + e.getMessage();
  }

  /** The version that a dependency of type mmar, or its management, has in the project. */
  private Optional<String> managedVersion(Coordinates coordinates) {
    List<Dependency> all = new ArrayList<>(project.getDependencies());
    if (project.getDependencyManagement() != null) {
      all.addAll(project.getDependencyManagement().getDependencies());
    }
    return all.stream()
        .filter(d -> d.getGroupId().equals(coordinates.groupId()))
        .filter(d -> d.getArtifactId().equals(coordinates.artifactId()))
        .filter(d -> MmarArchive.EXTENSION.equals(d.getType()))
        .filter(d -> text(d.getClassifier()).equals(coordinates.classifier()))
        .map(Dependency::getVersion)
        .filter(Objects::nonNull)
        .findFirst();
  }

  private static CovidException noVersion(String property, Coordinates coordinates) {
    return new CovidException(
        property,
        "the version is missing of " + coordinates,
        "write "
            + coordinates.groupId()
            + ":"
            + coordinates.artifactId()
            + ":mmar:<version>, or declare a <dependency> of <type>mmar</type> with its version");
  }
}
