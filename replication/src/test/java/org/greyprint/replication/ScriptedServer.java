// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Speaks the MySQL client/server protocol to real client programs, and answers statements as told:
 * handshake version 10, {@code COM_QUERY}, text result sets, {@code COM_PING}, {@code COM_QUIT}.
 *
 * @see <a href="https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html">MySQL:
 *     client/server protocol</a>
 */
final class ScriptedServer implements AutoCloseable {
  /** What a statement is answered with. */
  sealed interface Answer {
    record Ok() implements Answer {}

    record Rows(List<String> columns, List<List<String>> rows) implements Answer {}

    record Refused(int code, String state, String message) implements Answer {}
  }

  /** Answers a statement of a session. */
  @FunctionalInterface
  interface Script {
    Answer answer(String user, int session, String statement);
  }

  private static final int CAPABILITIES =
      1 // CLIENT_LONG_PASSWORD
          | 1 << 3 // CLIENT_CONNECT_WITH_DB
          | 1 << 9 // CLIENT_PROTOCOL_41
          | 1 << 13 // CLIENT_TRANSACTIONS
          | 1 << 15 // CLIENT_SECURE_CONNECTION
          | 1 << 19; // CLIENT_PLUGIN_AUTH
  private static final int UTF8MB4 = 45;
  private static final int AUTOCOMMIT = 2;
  private static final int VAR_STRING = 0xfd;

  private final String version;
  private final Script script;
  private final ServerSocket listener;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger sessions = new AtomicInteger();

  ScriptedServer(String version, Script script) {
    this.version = version;
    this.script = script;
    try {
      listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().name("scripted " + version).start(this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        socket.setTcpNoDelay(true);
        sockets.add(socket);
        if (listener.isClosed()) {
          // Accepted while it was being closed, which may not have seen it any more.
          socket.close();
        }
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (SocketException e) {
        return; // Closed.
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      new Session(socket, sessions.incrementAndGet()).run();
    } catch (EOFException | SocketException e) {
      // The client left.
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      sockets.remove(socket);
    }
  }

  private String plugin() {
    return version.startsWith("5.") ? "mysql_native_password" : "caching_sha2_password";
  }

  /** Listens no more and cuts every session, as a server that was shut down. */
  @Override
  public void close() {
    try {
      listener.close();
      for (Socket socket : sockets) {
        socket.close();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One client's session. */
  private final class Session {
    private final DataInputStream in;
    private final OutputStream out;
    private final int id;
    private int sequence;

    Session(Socket socket, int id) throws IOException {
      this.in = new DataInputStream(socket.getInputStream());
      this.out = socket.getOutputStream();
      this.id = id;
    }

    void run() throws IOException {
      send(greeting());
      byte[] login = receive();
      String user = user(login);
      boolean password = login[32 + user.length() + 1] != 0;
      if (password && !version.startsWith("5.")) {
        // AuthSwitchRequest with another seed, then AuthMoreData: fast authentication is done.
        send(new Bytes().one(0xfe).raw(plugin()).one(0).raw("abcdefghijklmnopqrst").one(0));
        receive();
        send(new Bytes().one(1).one(3));
      }
      send(ok());
      while (true) {
        byte[] packet = receive();
        switch (packet[0]) {
          case 1 -> {
            return;
          }
          case 3 -> answer(user, new String(packet, 1, packet.length - 1, StandardCharsets.UTF_8));
          case 2, 14 -> send(ok());
          default -> send(error(1047, "08S01", "Unknown command"));
        }
      }
    }

    private void answer(String user, String statement) throws IOException {
      switch (script.answer(user, id, statement)) {
        case Answer.Ok ok -> send(ok());
        case Answer.Refused no -> send(error(no.code(), no.state(), no.message()));
        case Answer.Rows rows -> {
          send(new Bytes().lenenc(rows.columns().size()));
          for (String column : rows.columns()) {
            send(
                new Bytes()
                    .text("def")
                    .text("")
                    .text("")
                    .text("")
                    .text(column)
                    .text("")
                    .one(0x0c)
                    .two(UTF8MB4)
                    .four(4096)
                    .one(VAR_STRING)
                    .two(0)
                    .one(0)
                    .two(0));
          }
          send(eof());
          for (List<String> row : rows.rows()) {
            Bytes bytes = new Bytes();
            row.forEach(bytes::text);
            send(bytes);
          }
          send(eof());
        }
      }
    }

    private Bytes greeting() {
      return new Bytes()
          .one(10)
          .raw(version)
          .one(0)
          .four(id)
          .raw("abcdefgh")
          .one(0)
          .two(CAPABILITIES)
          .one(UTF8MB4)
          .two(AUTOCOMMIT)
          .two(CAPABILITIES >> 16)
          .one(21)
          .raw("\0\0\0\0\0\0\0\0\0\0")
          .raw("ijklmnopqrst")
          .one(0)
          .raw(plugin())
          .one(0);
    }

    /** HandshakeResponse41: 4 flags, 4 packet size, 1 character set, 23 filler, then the user. */
    private static String user(byte[] response) {
      int end = 32;
      while (response[end] != 0) {
        end++;
      }
      return new String(response, 32, end - 32, StandardCharsets.UTF_8);
    }

    private byte[] receive() throws IOException {
      int length = in.readUnsignedByte() | in.readUnsignedByte() << 8 | in.readUnsignedByte() << 16;
      sequence = in.readUnsignedByte() + 1;
      return in.readNBytes(length);
    }

    private void send(Bytes bytes) throws IOException {
      byte[] body = bytes.out.toByteArray();
      ByteArrayOutputStream packet = new ByteArrayOutputStream();
      packet.write(body.length);
      packet.write(body.length >> 8);
      packet.write(body.length >> 16);
      packet.write(sequence++);
      packet.writeBytes(body);
      out.write(packet.toByteArray());
      out.flush();
    }
  }

  private static Bytes ok() {
    return new Bytes().one(0).lenenc(0).lenenc(0).two(AUTOCOMMIT).two(0);
  }

  private static Bytes eof() {
    return new Bytes().one(0xfe).two(0).two(AUTOCOMMIT);
  }

  private static Bytes error(int code, String state, String message) {
    return new Bytes().one(0xff).two(code).raw("#" + state).raw(message);
  }

  /** A packet's body. */
  private static final class Bytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    Bytes one(int value) {
      out.write(value);
      return this;
    }

    Bytes two(int value) {
      return one(value).one(value >> 8);
    }

    Bytes four(int value) {
      return two(value).two(value >> 16);
    }

    Bytes raw(String text) {
      out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
      return this;
    }

    Bytes lenenc(int value) {
      return value < 251 ? one(value) : one(0xfc).two(value);
    }

    Bytes text(String text) {
      return lenenc(text.getBytes(StandardCharsets.UTF_8).length).raw(text);
    }
  }
}
