package org.covidmmar.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.FileNames;
import org.covidmmar.NativeLibraries;
import org.covidmmar.config.ExperimentConfig;
import org.covidmmar.provenance.Provenance;
import org.covidmmar.tracking.MlflowAccess;

/**
 * Runs one goal in a JVM of its own: {@code Main <goal> <config.json> [--force]
 * [--project=<project.json>] [<coordinates>=<file> ...]} in the experiment's folder; with {@code
 * --force} also where it is up to date; the files are the models that Maven coordinates in the
 * configuration stand for. Runs are sent to the MLflow server that the environment names, as
 * MLflow's own client does. Standard output carries {@link Message}s, a JSON object a line. Ends
 * with 0, or with 1 after a {@link Message.Failure}. With {@code -Dcovid.endsWithInput=true} it
 * ends when its standard input does, because whoever started it is gone.
 */
public final class Main {
  private static final JsonMapper JSON = new JsonMapper();

  /** System property: true where the end of standard input means that the caller is gone. */
  static final String ENDS_WITH_INPUT = "covid.endsWithInput";

  /** How long a goal that was asked to end may take over it. */
  static final int GRACE_SECONDS = 60;

  /** Option: do it, up to date or not. */
  static final String FORCE = "--force";

  /** Option: a JSON file that describes the Maven project, for the record. */
  static final String PROJECT = "--project=";

  private Main() {}

  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Message.Listener listener = message -> out.println(toJson(message));
    // What it takes to end well is loaded while it can be: files may run out later.
    toJson(new Message.Failure("", "", ""));
    Stop.heeded();
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(ended), "stop"));
    if (Boolean.getBoolean(ENDS_WITH_INPUT)) {
      endWithParent(ended);
    }
    int exit;
    try {
      exit = run(List.of(args), listener);
    } finally {
      // Also where something unforeseen is thrown: nobody need wait for a step then.
      ended.countDown();
    }
    System.exit(exit);
  }

  /** Lets a goal that heeds it end on its own; the system's killers wait about as long. */
  private static void stop(CountDownLatch ended) {
    Stop.wish();
    try {
      if (Stop.heeded() && !ended.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
        System.err.println("the step under way takes longer than " + GRACE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int run(List<String> args, Message.Listener listener) {
    try {
      if (args.size() < 2) {
        throw new CovidException(
            "arguments",
            "expected a goal and a configuration file, found " + args,
            "give <goal> <config.json>");
      }
      Path file = Path.of(args.get(1));
      ExperimentConfig config = ExperimentConfig.fromJson(file.toString(), read(file));
      List<String> options = args.subList(2, args.size());
      Request plain = new Request(config, Path.of("").toAbsolutePath(), models(options));
      Request request =
          plain.with(project(options)).sendingTo(MlflowAccess.of(System.getenv()).orElse(null));
      Goal.named(args.get(0)).run(request, options.contains(FORCE), listener);
      return 0;
    } catch (CovidException e) {
      return failed(e, listener);
    } catch (InvalidPathException e) {
      return failed(FileNames.refused(e), listener);
    } catch (LinkageError e) {
      return failed(
          NativeLibraries.onNoexecDisk(e)
              .orElseGet(
                  () ->
                      new CovidException(
                          "class path",
                          "a class cannot be loaded: " + e,
                          "raise the limit of open files (ulimit -n 4096) where it is lower; else"
                              + " see that the class path is whole",
                          e)),
          listener);
    }
  }

  private static Provenance.Project project(List<String> options) {
    for (String option : options) {
      if (option.startsWith(PROJECT)) {
        String file = option.substring(PROJECT.length());
        try {
          return JSON.readValue(read(Path.of(file)), Provenance.Project.class);
        } catch (JsonProcessingException e) {
          throw new CovidException(
              file,
              "is no description of a project: " + e.getOriginalMessage(),
              "leave the option out, or give the file that the plugin wrote",
              e);
        }
      }
    }
    return null;
  }

  private static int failed(CovidException e, Message.Listener listener) {
    listener.on(new Message.Failure(e.subject(), e.problem(), e.remedy()));
    return 1;
  }

  private static Map<String, Path> models(List<String> options) {
    Map<String, Path> models = new HashMap<>();
    for (String option : options) {
      int equals = option.indexOf('=');
      if (option.startsWith(PROJECT)) {
        continue;
      }
      if (equals > 0) {
        models.put(option.substring(0, equals), Path.of(option.substring(equals + 1)));
      } else if (!option.equals(FORCE)) {
        throw new CovidException(
            option,
            "there is no such option",
            "give " + FORCE + ", or the file of a model as <coordinates>=<file>");
      }
    }
    return models;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new CovidException(
          file.toString(), "cannot be read: " + e, "give the path of a readable file", e);
    }
  }

  private static String toJson(Message message) {
    try {
      return JSON.writeValueAsString(message);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a message is always writable", e);
    }
  }

  private static void endWithParent(CountDownLatch ended) {
    InputStream in = System.in;
    Thread watch =
        new Thread(
            () -> {
              try {
                in.transferTo(java.io.OutputStream.nullOutputStream());
              } catch (IOException e) {
                // A broken pipe says the same as its end.
              }
              stop(ended);
              Runtime.getRuntime().halt(2);
            },
            "end-with-parent");
    watch.setDaemon(true);
    watch.start();
  }

  /** The goals that work on an experiment. */
  public enum Goal {
    CONVERT(true, ConvertWorkflow::new),
    SEGMENT(true, SegmentWorkflow::new),
    CHECK(true, CheckWorkflow::new),
    TRAIN(true, TrainWorkflow::new),
    VALIDATE(true, ValidateWorkflow::new),
    INFER(true, InferWorkflow::new),
    PACKAGE(false, PackageWorkflow::new),
    REPORT(false, ReportWorkflow::new),
    REPRODUCE(true, ReproduceWorkflow::new),
    COMPARE(
        true,
        work ->
            work.config().review().recipes() == null
                ? new CompareWorkflow(work)
                : new CompareRecipesWorkflow(work)),
    EXPORT(false, ExportWorkflow::new),
    PHANTOM(true, PhantomWorkflow::new),
    SYNC(false, SyncWorkflow::new),
    UI(false, UiWorkflow::new);

    private final boolean computes;

    // A constructor, without state.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Function<Workspace, Workflow> workflow;

    Goal(boolean computes, Function<Workspace, Workflow> workflow) {
      this.computes = computes;
      this.workflow = workflow;
    }

    static Goal named(String name) {
      List<String> names = Arrays.stream(values()).map(Goal::lowerCase).toList();
      int index = names.indexOf(name);
      if (index < 0) {
        throw new CovidException(name, "there is no such goal", DidYouMean.remedy(name, names));
      }
      return values()[index];
    }

    /** As it is written: {@code train}. */
    public String lowerCase() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether it writes runs that are sent to an MLflow server. */
    public boolean sends() {
      return List.of(TRAIN, VALIDATE, REPORT, SYNC).contains(this);
    }

    /** Whether it takes a JVM of its own: for the native library, or for much memory. */
    public boolean computes() {
      return computes;
    }

    /** What it computes with: a run that is made again, with what it was made with. */
    public ExperimentConfig.Compute compute(Request request) {
      return this == REPRODUCE ? Recorded.find(request).compute() : request.config().compute();
    }

    /**
     * Runs the goal in this JVM, unless it is up to date.
     *
     * @param force runs it in any case
     */
    public void run(Request request, boolean force, Message.Listener listener) {
      run(request, force, listener, null);
    }

    /**
     * Runs the goal, unless it is up to date.
     *
     * @param force runs it in any case
     * @param elsewhere runs it to its end where there is a reason to; null: runs in this JVM
     */
    public void run(Request request, boolean force, Message.Listener listener, Runnable elsewhere) {
      Workflow work = workflow.apply(new Workspace(request, listener));
      Optional<String> reason = force ? Optional.of("asked for") : work.reason();
      if (!force) {
        listener.on(new Message.Line(lowerCase() + ": " + reason.orElseGet(work::idle)));
      }
      if (reason.isPresent() && elsewhere != null) {
        elsewhere.run();
        return;
      }
      if (reason.isPresent()) {
        try {
          work.run();
        } catch (RuntimeException e) {
          throw OutOfMemory.explained(e, "covid:" + lowerCase(), request.config());
        }
      }
      work.conclude();
    }
  }
}
