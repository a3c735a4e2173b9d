package org.covidmmar.tracking;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.rng.UniformRandomProvider;
import org.covidmmar.Seeds;

/**
 * Stands between client and server, one request a connection, and does to some what networks do.
 */
final class FaultProxy implements AutoCloseable {
  /** What is done to a request. */
  enum Fault {
    /** Closed before it is read. */
    DROPPED(8),
    /** Read, and never answered. */
    HANGS(1),
    /** Late. */
    DELAYED(4),
    /** 500 instead of being passed on. */
    REFUSED(6),
    /** Passed on and done, but answered by 500. */
    DONE_BUT_500(6),
    /** Passed on and done, but the connection ends before the answer. */
    DONE_BUT_NO_ANSWER(6),
    TOO_MANY(1),
    /** The server gets half of it. */
    CUT_REQUEST(6),
    /** The client gets half of the answer. */
    CUT_ANSWER(6);

    private final int weight;

    Fault(int weight) {
      this.weight = weight;
    }
  }

  private static final int DELAY_MILLIS = 100;

  private final ServerSocket listening;
  private final int target;
  private final UniformRandomProvider random;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final AtomicInteger faults = new AtomicInteger();
  private final Map<Fault, Integer> counts = new EnumMap<>(Fault.class);
  private volatile double rate;
  private volatile String failing = "";

  /**
   * @param target port of the server at this machine
   */
  FaultProxy(int target, long seed) {
    try {
      this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    this.target = target;
    this.random = new Seeds(seed).child("faults").generator();
    start(this::accept);
  }

  String uri() {
    return "http://127.0.0.1:" + listening.getLocalPort();
  }

  /** The share of requests that meet a fault. */
  void rate(double share) {
    this.rate = share;
  }

  /** Each request whose first line has this text is done, but answered by 500; empty: none. */
  void answer500(String text) {
    this.failing = text;
  }

  int faults() {
    return faults.get();
  }

  Map<Fault, Integer> counts() {
    synchronized (counts) {
      return new EnumMap<>(counts);
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "fault-proxy");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listening.accept();
        start(() -> serve(client));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  /** Null: none. */
  private synchronized Fault draw() {
    if (random.nextDouble() >= rate) {
      return null;
    }
    int sum = 0;
    for (Fault fault : Fault.values()) {
      sum += fault.weight;
    }
    int at = random.nextInt(sum);
    for (Fault fault : Fault.values()) {
      at -= fault.weight;
      if (at < 0) {
        faults.incrementAndGet();
        synchronized (counts) {
          counts.merge(fault, 1, Integer::sum);
        }
        return fault;
      }
    }
    throw new IllegalStateException();
  }

  private void serve(Socket client) {
    try (client) {
      Fault fault = draw();
      if (fault == Fault.DROPPED) {
        return;
      }
      byte[] request = read(client.getInputStream());
      if (request.length == 0) {
        return;
      }
      if (fault == Fault.HANGS) {
        closed.await();
      } else if (fault == Fault.DELAYED) {
        closed.await(DELAY_MILLIS, TimeUnit.MILLISECONDS);
      }
      String head =
          new String(request, 0, Math.min(200, request.length), StandardCharsets.US_ASCII);
      if (!failing.isEmpty() && head.contains(failing)) {
        fault = Fault.DONE_BUT_500;
      }
      OutputStream answer = client.getOutputStream();
      if (fault == Fault.REFUSED) {
        answer.write(status("500 Internal Server Error"));
      } else if (fault == Fault.TOO_MANY) {
        answer.write(status("429 Too Many Requests"));
      } else if (fault == Fault.CUT_REQUEST) {
        exchange(request, request.length / 2);
      } else {
        byte[] answered = exchange(request, request.length);
        if (fault == Fault.DONE_BUT_500) {
          answer.write(status("500 Internal Server Error"));
        } else if (fault == Fault.CUT_ANSWER) {
          answer.write(answered, 0, answered.length / 2);
        } else if (fault != Fault.DONE_BUT_NO_ANSWER) {
          answer.write(answered);
        }
      }
      answer.flush();
    } catch (IOException | InterruptedException e) {
      // The client sees a broken connection, as it does where the server is gone.
    }
  }

  private static byte[] status(String text) {
    return ("HTTP/1.1 " + text + "\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Sends the first bytes of a request to the server, all of it or not, and reads the answer. */
  private byte[] exchange(byte[] request, int bytes) throws IOException {
    try (Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
      server.getOutputStream().write(request, 0, bytes);
      server.getOutputStream().flush();
      return bytes < request.length ? new byte[0] : server.getInputStream().readAllBytes();
    }
  }

  /** A request, with the wish that the connection end after it. */
  private static byte[] read(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int matched = 0;
    while (matched < 4) {
      int b = in.read();
      if (b < 0) {
        return new byte[0];
      }
      head.write(b);
      matched = b == "\r\n\r\n".charAt(matched) ? matched + 1 : b == '\r' ? 1 : 0;
    }
    String text = head.toString(StandardCharsets.ISO_8859_1);
    int length = 0;
    StringBuilder kept = new StringBuilder();
    for (String line : text.lines().toList()) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Integer.parseInt(line.substring(line.indexOf(':') + 1).strip());
      }
      if (!line.isEmpty() && !lower.startsWith("connection:")) {
        kept.append(line).append("\r\n");
      }
    }
    kept.append("Connection: close\r\n\r\n");
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.write(kept.toString().getBytes(StandardCharsets.ISO_8859_1));
    whole.write(in.readNBytes(length));
    return whole.toByteArray();
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      listening.close();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
