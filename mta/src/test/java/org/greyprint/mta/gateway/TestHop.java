// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A mail server of tests that keeps what it gets, octet for octet, and fails where it is told to.
 * An answer is what {@link #answers} makes of the usual one: another, or {@link #CLOSE}.
 */
final class TestHop implements Closeable {
  /** Closes the connection instead of answering. */
  static final String CLOSE = "close";

  /** Answers nothing. */
  static final String SILENCE = "silence";

  /** What it was sent. */
  interface Answers {
    /**
     * The answer to a command, or to "." for a message, or "" for the greeting.
     *
     * @param usual what a good server says
     */
    String to(String command, String usual);
  }

  final List<String> commands = new CopyOnWriteArrayList<>();
  final List<String> messages = new CopyOnWriteArrayList<>();
  final AtomicInteger connections = new AtomicInteger();
  final AtomicInteger broken = new AtomicInteger();
  volatile Answers answers = (command, usual) -> usual;
  volatile String ehlo = "250-hop\r\n250-SIZE 50000000\r\n250-8BITMIME\r\n250-CHUNKING\r\n250 DSN";
  volatile UnaryOperator<Socket> wrap = socket -> socket;

  private final ServerSocket server;
  private final List<Socket> open = new CopyOnWriteArrayList<>();

  TestHop() {
    try {
      server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  NextHop address() {
    return new NextHop.Smtp("127.0.0.1", server.getLocalPort(), false);
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        connections.incrementAndGet();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // closed
    }
  }

  private void serve(Socket accepted) {
    try (Socket socket = wrap.apply(accepted)) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      OutputStream out = socket.getOutputStream();
      if (!answer(out, answers.to("", "220 hop ESMTP"))) {
        return;
      }
      while (true) {
        String line = line(in);
        if (line == null) {
          return;
        }
        commands.add(line);
        String usual =
            switch (line.split(" ", 2)[0].toUpperCase(java.util.Locale.ROOT)) {
              case "EHLO", "LHLO" -> ehlo;
              case "DATA" -> "354 go on";
              case "QUIT" -> "221 bye";
              default -> "250 2.0.0 ok";
            };
        String answer = answers.to(line, usual);
        if (!answer(out, answer) || line.equalsIgnoreCase("QUIT")) {
          return;
        }
        if (line.equalsIgnoreCase("DATA") && answer.startsWith("354")) {
          String message = message(in);
          if (message == null || socket.isClosed()) {
            broken.incrementAndGet();
            return;
          }
          String end = answers.to(".", "250 2.0.0 taken");
          if (end.startsWith("2")) {
            messages.add(message);
          }
          if (!answer(out, end)) {
            return;
          }
        }
      }
    } catch (IOException e) {
      broken.incrementAndGet();
    }
  }

  private static boolean answer(OutputStream out, String answer) throws IOException {
    if (answer.equals(CLOSE)) {
      return false;
    }
    if (!answer.equals(SILENCE)) {
      out.write((answer + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
      out.flush();
    }
    return true;
  }

  private static @Nullable String line(InputStream in) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return line.toString(StandardCharsets.ISO_8859_1).replaceFirst("\r$", "");
      }
      line.write(b);
    }
    return null;
  }

  /** A message as it was on the wire, without its end; null if the client went away in it. */
  private static @Nullable String message(InputStream in) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    int state = 2;
    for (int b = in.read(); b >= 0; b = in.read()) {
      all.write(b);
      state =
          b == '\r'
              ? (state == 3 ? 4 : 1)
              : b == '\n' ? (state == 1 ? 2 : state == 4 ? 5 : 0) : b == '.' && state == 2 ? 3 : 0;
      if (state == 5) {
        String text = all.toString(StandardCharsets.ISO_8859_1);
        return text.substring(0, text.length() - 3);
      }
    }
    return null;
  }

  /** Cuts all connections. */
  void cut() throws IOException {
    for (Socket socket : open) {
      try (socket) {
        socket.setSoLinger(true, 0);
      } catch (java.net.SocketException e) {
        // closed by the other side already
      }
    }
    open.clear();
  }

  @Override
  public void close() throws IOException {
    server.close();
    cut();
  }
}
