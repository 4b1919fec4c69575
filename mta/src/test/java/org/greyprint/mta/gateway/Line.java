// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A plain client of tests: writes octets, reads replies. */
final class Line implements Closeable {
  private Socket socket;
  private InputStream in;
  private OutputStream out;

  Line(InetSocketAddress address) throws IOException {
    this(new Socket(address.getAddress(), address.getPort()));
  }

  Line(Socket socket) throws IOException {
    socket.setTcpNoDelay(true);
    socket.setSoTimeout(60_000);
    this.socket = socket;
    this.in = new java.io.BufferedInputStream(socket.getInputStream());
    this.out = socket.getOutputStream();
  }

  /** Goes on over another socket, e.g. one with TLS around it. */
  void use(Socket other) throws IOException {
    socket = other;
    socket.setSoTimeout(60_000);
    in = new java.io.BufferedInputStream(socket.getInputStream());
    out = socket.getOutputStream();
  }

  Socket socket() {
    return socket;
  }

  /** Connects and reads the greeting. */
  static Line greeted(InetSocketAddress address) throws IOException {
    Line line = new Line(address);
    String greeting = line.reply();
    if (!greeting.startsWith("220")) {
      throw new IOException("greeted with " + greeting);
    }
    return line;
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] octets) throws IOException {
    out.write(octets);
    out.flush();
  }

  /** Sends a command and reads the reply. */
  String ask(String command) throws IOException {
    send(command + "\r\n");
    return reply();
  }

  /** A whole reply, lines joined with LF; "" at the end of the stream. */
  String reply() throws IOException {
    StringBuilder all = new StringBuilder();
    while (true) {
      String line = line();
      if (line == null) {
        return all.toString();
      }
      all.append(all.isEmpty() ? "" : "\n").append(line);
      if (line.length() < 4 || line.charAt(3) != '-') {
        return all.toString();
      }
    }
  }

  /** A line without its CRLF; null at the end of the stream. */
  @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(b);
    }
    return line.size() == 0 ? null : line.toString(StandardCharsets.ISO_8859_1);
  }

  int read(byte[] into) throws IOException {
    return in.read(into);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
