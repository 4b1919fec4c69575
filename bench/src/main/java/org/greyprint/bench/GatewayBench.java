// SPDX-License-Identifier: Apache-2.0
package org.greyprint.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Verdict;
import org.greyprint.mta.gateway.Gateway;
import org.greyprint.mta.gateway.GatewaySettings;
import org.greyprint.mta.gateway.NextHop;
import org.slf4j.LoggerFactory;

/**
 * The parts of {@code bench/gateway} that are not other programs: a gateway whose decisions cost
 * nothing, a client with many idle sessions, and one that sends a large message.
 */
public final class GatewayBench {
  private GatewayBench() {}

  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    switch (args[0]) {
      case "serve" -> serve(Integer.parseInt(args[1]), args[2]);
      case "idle" -> idle(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
      case "large" -> large(Integer.parseInt(args[1]), Long.parseLong(args[2]));
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void serve(int port, String nextHop) throws Exception {
    Decision decision =
        new Decision(
            "0", new Verdict.Deliver(), new Verdict.Deliver(), "bench", "", List.of(), Map.of());
    GatewaySettings settings =
        GatewaySettings.DEFAULT
            .withListeners(
                List.of(GatewaySettings.Listener.of(new InetSocketAddress("127.0.0.1", port))))
            .withNextHop(NextHop.parse(nextHop).orElseThrow())
            .withLimits(
                new GatewaySettings.Limits(
                    20_000, 20_000, 10_000, 4096, 1000, 1, 20, 10, Duration.ofSeconds(1), 0));
    Gateway gateway =
        Gateway.start(
            settings,
            inquiry -> CompletableFuture.completedStage(decision),
            syn -> Optional.empty(),
            InstantSource.system());
    System.out.println("ready on " + gateway.addresses());
    Thread.currentThread().join();
  }

  private static void idle(int port, int count) throws Exception {
    List<Socket> open = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      open.add(greeted(port));
    }
    long[] waits = new long[1000];
    for (int i = 0; i < waits.length; i++) {
      long start = System.nanoTime();
      greeted(port).close();
      waits[i] = System.nanoTime() - start;
    }
    Arrays.sort(waits);
    System.out.printf(
        Locale.ROOT,
        "%d sessions idle; 1000 new ones greeted: median %.2f ms, p99 %.2f ms, worst %.2f ms%n",
        open.size(),
        waits[500] / 1e6,
        waits[990] / 1e6,
        waits[999] / 1e6);
    System.out.flush();
    System.in.read();
  }

  private static Socket greeted(int port) throws IOException {
    Socket socket = new Socket("127.0.0.1", port);
    reply(socket.getInputStream(), "220");
    return socket;
  }

  private static void reply(InputStream in, String wanted) throws IOException {
    StringBuilder line = new StringBuilder();
    while (true) {
      int b = in.read();
      if (b < 0) {
        throw new IOException("closed after " + line);
      }
      if (b != '\n') {
        line.append((char) b);
        continue;
      }
      if (!line.toString().startsWith(wanted)) {
        throw new IOException(line.toString());
      }
      if (line.length() < 4 || line.charAt(3) != '-') {
        return;
      }
      line.setLength(0);
    }
  }

  private static void large(int port, long size) throws IOException {
    byte[] block = ("x".repeat(76) + "\r\n").repeat(800).getBytes(StandardCharsets.US_ASCII);
    try (Socket socket = greeted(port)) {
      InputStream in = socket.getInputStream();
      OutputStream out = socket.getOutputStream();
      for (String command :
          List.of("EHLO bench", "MAIL FROM:<a@example.org>", "RCPT TO:<b@example.org>")) {
        out.write((command + "\r\n").getBytes(StandardCharsets.US_ASCII));
        reply(in, "250");
      }
      out.write("DATA\r\n".getBytes(StandardCharsets.US_ASCII));
      reply(in, "354");
      long start = System.nanoTime();
      for (long sent = 0; sent < size; sent += block.length) {
        out.write(block);
      }
      out.write(".\r\n".getBytes(StandardCharsets.US_ASCII));
      reply(in, "250");
      double seconds = (System.nanoTime() - start) / 1e9;
      System.out.printf(
          Locale.ROOT, "%.0f MB in %.2f s, %.0f MB/s%n", size / 1e6, seconds, size / 1e6 / seconds);
    }
  }
}
