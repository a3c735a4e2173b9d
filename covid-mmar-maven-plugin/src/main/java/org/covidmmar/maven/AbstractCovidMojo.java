package org.covidmmar.maven;

import java.io.File;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.apache.maven.artifact.Artifact;
import org.apache.maven.execution.MavenSession;
import org.apache.maven.plugin.AbstractMojo;
import org.apache.maven.plugin.MojoExecution;
import org.apache.maven.plugin.MojoFailureException;
import org.apache.maven.plugin.descriptor.PluginDescriptor;
import org.apache.maven.plugins.annotations.Parameter;
import org.apache.maven.project.MavenProject;
import org.apache.maven.toolchain.Toolchain;
import org.apache.maven.toolchain.ToolchainManager;
import org.covidmmar.CovidException;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.config.Setting;
import org.covidmmar.config.Settings;
import org.covidmmar.experiment.ComputingJvm;
import org.covidmmar.experiment.Main;
import org.covidmmar.transform.Step;

/** Skipping, configuration, the JVM that computes, and what an error looks like: once. */
abstract class AbstractCovidMojo extends AbstractMojo {
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

  @Parameter(defaultValue = "${project}", readonly = true, required = true)
  private MavenProject project;

  @Parameter(defaultValue = "${session}", readonly = true, required = true)
  private MavenSession session;

  @Parameter(defaultValue = "${plugin}", readonly = true, required = true)
  private PluginDescriptor plugin;

  @Parameter(defaultValue = "${mojoExecution}", readonly = true, required = true)
  private MojoExecution execution;

  @Inject private ToolchainManager toolchains;

  /** The goal in the core that this one calls. */
  abstract Main.Goal goal();

  abstract boolean skipGoal();

  /** Adds the settings that this class has parameters for; null where the user gave none. */
  void settings(Map<Setting, String> given) {
    given.put(Setting.THREADS, threads);
  }

  /** The pipeline that the user spelled out; null where none is. */
  List<Step> preTransforms() {
    return null;
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
    try {
      new TypoGuard(plugin).check(project, session.getUserProperties());
      Map<Setting, String> given = new EnumMap<>(Setting.class);
      settings(given);
      Map<String, String> properties = new HashMap<>();
      given.forEach((setting, text) -> properties.put(setting.property(), text));
      compute(
          ExperimentConfig.of(Settings.of(properties), project.getArtifactId(), preTransforms()));
    } catch (CovidException e) {
      throw new MojoFailureException(e.getMessage(), e);
    }
  }

  private void compute(ExperimentConfig config) {
    Path basedir = project.getBasedir().toPath().toAbsolutePath();
    try (Console console = Console.of(getLog(), session)) {
      if (fork) {
        new ComputingJvm(java(), classPath(), jvmArgs == null ? "" : jvmArgs)
            .run(goal(), config, basedir, console, console::otherOutput);
      } else {
        computeHere(config, basedir, console);
      }
    }
  }

  private void computeHere(ExperimentConfig config, Path basedir, Console console) {
    getLog()
        .warn(
            "covid.fork=false: computing inside Maven's JVM, where the settings of allocator,"
                + " threads, instruction set and heap do not apply");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(Main.class.getClassLoader());
    try {
      goal().run(config, basedir, console);
    } finally {
      thread.setContextClassLoader(before);
    }
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
