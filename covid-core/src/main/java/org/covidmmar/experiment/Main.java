package org.covidmmar.experiment;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.covidmmar.CovidException;
import org.covidmmar.DidYouMean;
import org.covidmmar.config.ExperimentConfig;

/**
 * Runs one goal in a JVM of its own: {@code Main <goal> <config.json>} in the experiment's folder.
 * Standard output carries {@link Message}s, a JSON object a line. Ends with 0, or with 1 after a
 * {@link Message.Failure}. With {@code -Dcovid.endsWithInput=true} it ends when its standard input
 * does, because whoever started it is gone.
 */
public final class Main {
  private static final JsonMapper JSON = new JsonMapper();

  /** System property: true where the end of standard input means that the caller is gone. */
  static final String ENDS_WITH_INPUT = "covid.endsWithInput";

  private Main() {}

  public static void main(String[] args) {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    System.setOut(System.err);
    Message.Listener listener = message -> out.println(toJson(message));
    if (Boolean.getBoolean(ENDS_WITH_INPUT)) {
      endWithParent();
    }
    System.exit(run(List.of(args), listener));
  }

  private static int run(List<String> args, Message.Listener listener) {
    try {
      if (args.size() != 2) {
        throw new CovidException(
            "arguments",
            "expected a goal and a configuration file, found " + args,
            "give <goal> <config.json>");
      }
      Path file = Path.of(args.get(1));
      ExperimentConfig config = ExperimentConfig.fromJson(file.toString(), read(file));
      Goal.named(args.get(0)).run(config, Path.of("").toAbsolutePath(), listener);
      return 0;
    } catch (CovidException e) {
      listener.on(new Message.Failure(e.subject(), e.problem(), e.remedy()));
      return 1;
    }
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

  private static void endWithParent() {
    InputStream in = System.in;
    Thread watch =
        new Thread(
            () -> {
              try {
                in.transferTo(java.io.OutputStream.nullOutputStream());
              } catch (IOException e) {
                // A broken pipe says the same as its end.
              }
              Runtime.getRuntime().halt(2);
            },
            "end-with-parent");
    watch.setDaemon(true);
    watch.start();
  }

  /** The goals that compute. */
  public enum Goal {
    TRAIN,
    VALIDATE,
    INFER,
    PHANTOM;

    static Goal named(String name) {
      List<String> names =
          Arrays.stream(values()).map(g -> g.name().toLowerCase(Locale.ROOT)).toList();
      int index = names.indexOf(name);
      if (index < 0) {
        throw new CovidException(name, "there is no such goal", DidYouMean.remedy(name, names));
      }
      return values()[index];
    }

    /**
     * Runs the goal in this JVM.
     *
     * @param basedir the experiment's folder, absolute; relative paths of the configuration start
     *     there
     */
    public void run(ExperimentConfig config, Path basedir, Message.Listener listener) {
      Workspace workspace = new Workspace(basedir, config, listener);
      switch (this) {
        case TRAIN -> new TrainWorkflow(workspace).run();
        case VALIDATE -> new ValidateWorkflow(workspace).run();
        case INFER -> new InferWorkflow(workspace).run();
        case PHANTOM -> new PhantomWorkflow(workspace).run();
      }
    }
  }
}
