package org.covidmmar.maven;

import java.io.File;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.inject.Inject;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.settings.crypto.SettingsDecrypter;
import org.apache.maven.toolchain.Toolchain;
import org.apache.maven.toolchain.ToolchainManager;
import org.covidmmar.CovidException;
import org.covidmmar.FileNames;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.covidmmar.experiment.ComputingJvm;
import org.covidmmar.experiment.Main;
import org.covidmmar.experiment.Message;
import org.covidmmar.experiment.Request;
import org.covidmmar.mmar.MmarExperiment;
import org.covidmmar.mmar.MmarReader;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.provenance.Secrets;
import org.covidmmar.transform.Step;
import org.eclipse.aether.RepositorySystem;

/** Skipping, configuration, the JVM that computes, and what an error looks like: once. */
abstract class AbstractCovidMojo extends AbstractMmarMojo {
  /** Skips every goal of this plugin. */
  @Parameter(property = "covid.skip", defaultValue = "false")
  private boolean skip;

  /**
   * Whether the goal computes in a JVM of its own. With false it computes inside Maven's: the
   * settings of allocator, threads, instruction set and heap then do not apply, and only one module
   * of a build can load the native library.
   */
  @Parameter(property = "covid.fork", defaultValue = "true")
  private boolean fork;

  /** Runs the goal also where it is up to date. */
  @Parameter(property = "covid.force", defaultValue = "false")
  private boolean force;

  /**
   * Arguments of the JVM that computes, such as {@code -Xmx4g}; where an argument has spaces, in
   * double quotes.
   */
  @Parameter(property = "covid.jvmArgs")
  private String jvmArgs;

  /**
   * Threads that compute; all cores where none is given. A whole number from 1 to 1024; no default.
   */
  @Parameter(property = "covid.threads")
  private String threads;

  /**
   * Address of the MLflow server that runs are sent to, as in http://127.0.0.1:5000; that in the
   * environment variable MLFLOW_TRACKING_URI where none is given. Without either the journal is
   * all.
   */
  @Parameter(property = "covid.mlflow.trackingUri")
  private String mlflowTrackingUri;

  /**
   * Server entry of settings.xml whose user name and password are sent to the MLflow server;
   * without a user name the password is a token. Where none is given, the variables
   * MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD and MLFLOW_TRACKING_TOKEN hold.
   */
  @Parameter(property = "covid.mlflow.serverId")
  private String mlflowServerId;

  @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
  private MojoExecution execution;

  @Inject private ToolchainManager toolchains;

  @Inject private RepositorySystem repositories;

  @Inject private SettingsDecrypter decrypter;

  /** Null where there is none. */
  private MmarExperiment experiment;

  /** The goal in the core that this one calls, or calls first. */
  abstract Main.Goal goal();

  abstract boolean skipGoal();

  /** Adds the settings that this class has parameters for; null where the user gave none. */
  void settings(Map<Setting, String> given) {
    given.put(Setting.THREADS, threads);
  }

  /** Takes the gates of an evaluation. */
  void gates(Message.Gates gates) {
    throw new IllegalStateException("no evaluation, but gates: " + gates);
  }

  /** What the goal makes to be published; null where it makes nothing such. */
  Request.Publication publication() {
    return null;
  }

  /** Called when the goal has done its work, or found it up to date. */
  void done() {}

  /** The pipeline that the pom spells out; null where none is. */
  List<Step> preTransforms() {
    return null;
  }

  /** What the goal writes, for which an MMAR may have a folder. */
  MmarReader.Results results() {
    return MmarReader.Results.NONE;
  }

  @Override
  public final void execute() throws MojoFailureException {
    if (skip || skipGoal()) {
      getLog().info("skipped, as covid.skip or covid.skip" + capitalized() + " says");
    } else if (isAggregatorCalledByName()) {
      getLog().info("skipped: this project only groups its modules");
    } else {
      executeMappingErrors();
    }
  }

  private void executeMappingErrors() throws MojoFailureException {
    try (Console console = Console.of(getLog(), session)) {
      checkGivenValues();
      Map<Setting, String> given = new EnumMap<>(Setting.class);
      settings(given);
      if (experiment != null) {
        experiment.putOver(given);
        experiment.notes().forEach(note -> getLog().info("mmar: " + note));
      }
      if (goal().computes() && !fork) {
        getLog()
            .warn(
                "covid.fork=false: computing inside Maven's JVM, where the settings of allocator,"
                    + " threads, instruction set and heap do not apply");
      }
      work(given, console);
      done();
    } catch (CovidException e) {
      failed(e);
    } catch (InvalidPathException e) {
      failed(FileNames.refused(e));
    }
  }

  /** Does the goal's work with what the user gave. */
  void work(Map<Setting, String> given, Console console) {
    run(goal(), request(given), force, console);
  }

  private void checkGivenValues() {
    new TypoGuard(new PluginParameters(plugin)).check(users());
    experiment = read(mmar, results());
    resolved().beaten(execution.getExecutionId()).forEach(getLog()::warn);
  }

  private List<GivenValue> users() {
    return GivenValues.of(project, session, plugin.getPluginLookupKey());
  }

  private ResolvedValues resolved() {
    List<GivenValue> given = new ArrayList<>(users());
    given.addAll(MmarLayer.values(experiment));
    return new ResolvedValues(new PluginParameters(plugin), given);
  }

  /** Called with what ended the goal. */
  void failed(CovidException e) throws MojoFailureException {
    // Given as its cause, Maven would add what causes it to the message, and say it twice.
    getLog().debug(e);
    throw new MojoFailureException(e.getMessage());
  }

  /** What settings ask for; null where the user gave none. */
  final Request request(Map<Setting, String> given) {
    Map<String, String> properties = new HashMap<>();
    given.forEach((setting, text) -> properties.put(setting.property(), text));
    return new Request(
        ExperimentConfig.of(Settings.of(properties), project.getArtifactId(), steps()),
        project.getBasedir().toPath().toAbsolutePath(),
        new ModelResolver(repositories, session, project, getLog()).resolve(given),
        publication(),
        recorded(),
        goal().sends()
            ? TrackingServer.of(mlflowTrackingUri, mlflowServerId, session, decrypter)
            : null);
  }

  private List<Step> steps() {
    return experiment == null ? preTransforms() : experiment.preTransforms();
  }

  /** The project and what is set in it, as a run's record keeps it. */
  private Provenance.Project recorded() {
    Path basedir = project.getBasedir().toPath().toAbsolutePath().normalize();
    SortedMap<String, Provenance.Project.Setting> settings = new TreeMap<>();
    resolved().all().stream()
        .filter(value -> !value.isDefault())
        .forEach(
            value ->
                settings.put(
                    value.name(),
                    new Provenance.Project.Setting(
                        Secrets.removed(value.name(), value.value()), value.from(basedir))));
    return new Provenance.Project(
        String.join(":", project.getGroupId(), project.getArtifactId(), project.getVersion()),
        settings);
  }

  /**
   * Runs a goal of the core where it computes.
   *
   * @param anew runs it also where it is up to date
   */
  final void run(Main.Goal goal, Request request, boolean anew, Console console) {
    Message.Listener listener =
        message -> {
          if (message instanceof Message.Gates gates) {
            gates(gates);
          } else {
            console.on(message);
          }
        };
    if (!goal.computes()) {
      runHere(goal, request, anew, listener);
    } else if (fork) {
      ComputingJvm jvm = new ComputingJvm(java(), classPath(), jvmArgs == null ? "" : jvmArgs);
      Runnable child = () -> jvm.run(goal, request, listener, console::otherOutput);
      goal.run(request, anew, listener, () -> onCores(goal, request, child));
    } else {
      onCores(goal, request, () -> runHere(goal, request, anew, listener));
    }
  }

  private void onCores(Main.Goal goal, Request request, Runnable work) {
    Cores.of(session).with(goal.compute(request).threadCount(), getLog(), work);
  }

  private static void runHere(
      Main.Goal goal, Request request, boolean anew, Message.Listener listener) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Main.class.getClassLoader());
    try {
      goal.run(request, anew, listener);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  final boolean skipsAll() {
    return skip;
  }

  final boolean forks() {
    return fork;
  }

  final boolean forced() {
    return force;
  }

  private List<Path> classPath() {
    return plugin.getArtifacts().stream()
        .map(Artifact::getFile)
        .map(File::toPath)
        .map(Path::toAbsolutePath)
        .toList();
  }

  private Path java() {
    Toolchain jdk = toolchains.getToolchainFromBuildContext("jdk", session);
    String tool = jdk == null ? null : jdk.findTool("java");
    return tool == null ? ComputingJvm.thisJava() : Path.of(tool);
  }

  /** {@code mvn covid:train} at the root of a study runs in every module, the root included. */
  private boolean isAggregatorCalledByName() {
    return execution.getSource() == MojoExecution.Source.CLI
        && project.getPackaging().equals("pom")
        && !project.getModules().isEmpty();
  }

  private String capitalized() {
    String goal = execution.getGoal();
    return Character.toUpperCase(goal.charAt(0)) + goal.substring(1);
  }
}
