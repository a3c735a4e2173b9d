package org.covidmmar.report;

import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A headless Chromium with one page, driven through its DevTools protocol. */
public final class Browser implements AutoCloseable {
  private static final JsonMapper JSON = new JsonMapper();
  private static final Pattern LISTENING = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final long SECONDS = 120;
  private static final long PATIENCE_MILLIS = 60_000;

  /** Keys by name: code and, where it writes something, text. */
  private static final Map<String, Key> KEYS =
      Map.of(
          "Tab", new Key(9, ""),
          "Enter", new Key(13, "\r"),
          " ", new Key(32, " "),
          "End", new Key(35, ""),
          "Home", new Key(36, ""),
          "ArrowLeft", new Key(37, ""),
          "ArrowUp", new Key(38, ""),
          "ArrowRight", new Key(39, ""),
          "ArrowDown", new Key(40, ""));

  private record Key(int code, String text) {}

  private final Process process;
  private final WebSocket socket;
  private final String session;
  private final AtomicInteger ids = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final Map<String, CompletableFuture<JsonNode>> awaited = new ConcurrentHashMap<>();
  private final List<String> problems = Collections.synchronizedList(new ArrayList<>());
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());

  /**
   * Starts it; the test fails where there is no Chromium, so that nothing is passed by leaving it
   * out.
   *
   * @param profile an empty folder
   */
  public Browser(Path profile) throws IOException {
    process =
        new ProcessBuilder(
                executable(),
                "--headless=new",
                // The page is our own; in containers the sandbox often cannot start.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--window-size=1280,900",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    socket =
        HttpClient.newHttpClient()
            .newWebSocketBuilder()
            .buildAsync(endpoint(), new Listener())
            .join();
    String target =
        send(null, "Target.createTarget", object().put("url", "about:blank"))
            .path("targetId")
            .asText();
    session =
        send(null, "Target.attachToTarget", object().put("targetId", target).put("flatten", true))
            .path("sessionId")
            .asText();
    for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
      call(domain + ".enable", object());
    }
  }

  private static String executable() {
    String given = System.getenv("COVID_CHROMIUM");
    if (given != null) {
      return given;
    }
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .flatMap(
            folder ->
                Stream.of("chromium", "chromium-browser", "google-chrome")
                    .map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElseGet(
            () ->
                fail(
                    "no Chromium found: install it (Debian: apt-get install chromium), or set"
                        + " COVID_CHROMIUM to its executable file"));
  }

  private URI endpoint() throws IOException {
    BufferedReader said =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    StringBuilder all = new StringBuilder();
    for (String line = said.readLine(); line != null; line = said.readLine()) {
      all.append(line).append('\n');
      Matcher found = LISTENING.matcher(line);
      if (found.find()) {
        Thread drain = new Thread(() -> said.lines().forEach(rest -> {}), "chromium");
        drain.setDaemon(true);
        drain.start();
        return URI.create(found.group(1));
      }
    }
    return fail("Chromium did not start:\n" + all);
  }

  static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** Calls a method of the page's DevTools. */
  public JsonNode call(String method, ObjectNode params) {
    return send(session, method, params);
  }

  private JsonNode send(String to, String method, ObjectNode params) {
    int id = ids.incrementAndGet();
    ObjectNode message = object().put("id", id).put("method", method);
    message.set("params", params);
    if (to != null) {
      message.put("sessionId", to);
    }
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    socket.sendText(message.toString(), true).join();
    JsonNode said = within(answer);
    if (said.has("error")) {
      fail(method + ": " + said.path("error"));
    }
    return said.path("result");
  }

  private static JsonNode within(CompletableFuture<JsonNode> future) {
    return future.orTimeout(SECONDS, TimeUnit.SECONDS).join();
  }

  /** Opens a file and waits until it is loaded. */
  void open(Path html) {
    open(html.toUri());
  }

  /** Opens a page, anew where it is open already, and waits until it is loaded. */
  public void open(URI page) {
    // From one fragment to another the page would not be loaded.
    navigate("about:blank");
    requests.clear();
    navigate(page.toString());
  }

  private void navigate(String url) {
    CompletableFuture<JsonNode> loaded = new CompletableFuture<>();
    awaited.put("Page.loadEventFired", loaded);
    call("Page.navigate", object().put("url", url));
    within(loaded);
  }

  /**
   * Waits until an expression is true in a page that draws itself by and by; the test fails, with
   * what the page says, where it never is.
   */
  public void await(String condition) {
    JsonNode met =
        eval(
            "new Promise((done) => { const end = Date.now() + %d; const look = () => { if (%s) {"
                    .formatted(PATIENCE_MILLIS, condition)
                + " done(true); } else if (Date.now() > end) { done(false); } else {"
                + " setTimeout(look, 50); } }; look(); })");
    if (!met.asBoolean()) {
      fail(condition + " is never so in: " + eval("document.body.innerText").asText());
    }
  }

  /** The value of an expression in the page; the test fails where it throws. */
  public JsonNode eval(String script) {
    JsonNode result =
        call(
            "Runtime.evaluate",
            object()
                .put("expression", script)
                .put("returnByValue", true)
                .put("awaitPromise", true));
    if (result.has("exceptionDetails")) {
      fail(script + ": " + result.path("exceptionDetails"));
    }
    return result.path("result").path("value");
  }

  /** The text of the first element that a selector finds. */
  public String text(String selector) {
    return eval("document.querySelector(" + JSON.valueToTree(selector) + ").textContent").asText();
  }

  /** Clicks the middle of an element with the mouse. */
  public void click(String selector) {
    JsonNode place =
        eval(
            "(() => { const e = document.querySelector("
                + JSON.valueToTree(selector)
                + "); e.scrollIntoView({block: 'center', behavior: 'instant'});"
                + " const r = e.getBoundingClientRect();"
                + " return [r.x + r.width / 2, r.y + r.height / 2]; })()");
    for (String type : List.of("mousePressed", "mouseReleased")) {
      call(
          "Input.dispatchMouseEvent",
          object()
              .put("type", type)
              .put("x", place.get(0).asDouble())
              .put("y", place.get(1).asDouble())
              .put("button", "left")
              .put("clickCount", 1));
    }
  }

  /** Presses keys of the keyboard. */
  public void press(String... keys) {
    for (String key : keys) {
      Key k = KEYS.get(key);
      ObjectNode down =
          object()
              .put("type", k.text.isEmpty() ? "rawKeyDown" : "keyDown")
              .put("key", key)
              .put("windowsVirtualKeyCode", k.code);
      if (!k.text.isEmpty()) {
        down.put("text", k.text);
      }
      call("Input.dispatchKeyEvent", down);
      call(
          "Input.dispatchKeyEvent",
          object().put("type", "keyUp").put("key", key).put("windowsVirtualKeyCode", k.code));
    }
  }

  /** Whether the system prefers dark colours. */
  public void dark(boolean dark) {
    ObjectNode media = object();
    media
        .putArray("features")
        .addObject()
        .put("name", "prefers-color-scheme")
        .put("value", dark ? "dark" : "light");
    call("Emulation.setEmulatedMedia", media);
  }

  /** A window of another size. */
  public void resize(int width, int height) {
    call(
        "Emulation.setDeviceMetricsOverride",
        object()
            .put("width", width)
            .put("height", height)
            .put("deviceScaleFactor", 1)
            .put("mobile", false));
  }

  public byte[] pdf() {
    JsonNode result = call("Page.printToPDF", object().put("preferCSSPageSize", true));
    return Base64.getDecoder().decode(result.path("data").asText());
  }

  /** PNG of what the window shows. */
  public byte[] screenshot() {
    JsonNode result = call("Page.captureScreenshot", object());
    return Base64.getDecoder().decode(result.path("data").asText());
  }

  /** Errors and warnings of the page's scripts and of the browser about the page. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** What the page asked for since it was opened, itself included. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void onOpen(WebSocket webSocket) {
      webSocket.request(1);
    }

    @Override
    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
      text.append(data);
      if (last) {
        String whole = text.toString();
        text.setLength(0);
        on(whole);
      }
      webSocket.request(1);
      return null;
    }
  }

  private void on(String message) {
    JsonNode node;
    try {
      node = JSON.readTree(message);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (node.has("id")) {
      answers.remove(node.path("id").asInt()).complete(node);
      return;
    }
    String method = node.path("method").asText();
    JsonNode params = node.path("params");
    switch (method) {
      case "Runtime.exceptionThrown" -> problems.add(params.path("exceptionDetails").toString());
      case "Runtime.consoleAPICalled" -> problems.add(params.toString());
      case "Log.entryAdded" -> problems.add(params.path("entry").toString());
      case "Network.requestWillBeSent" -> requests.add(params.at("/request/url").asText());
      default -> {}
    }
    CompletableFuture<JsonNode> waiting = awaited.remove(method);
    if (waiting != null) {
      waiting.complete(params);
    }
  }

  @Override
  public void close() {
    // Asked to, it removes what it keeps outside its profile.
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    send(null, "Browser.close", object());
    process.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).join();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(p -> p.onExit().orTimeout(SECONDS, TimeUnit.SECONDS).join());
    socket.abort();
  }
}
