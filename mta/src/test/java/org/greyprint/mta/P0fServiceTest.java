// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.greyprint.capture.ClientHistory;
import org.greyprint.capture.Observation;
import org.greyprint.capture.P0fWire;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.greyprint.milter.Endpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class P0fServiceTest {
  private static final InetAddress KNOWN = address("192.0.2.7");
  private static final InetAddress KNOWN6 = address("2001:db8::7");
  private static final InetAddress OTHER = address("192.0.2.8");

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (IOException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static Optional<ClientHistory> history(InetAddress address) {
    if (address.equals(OTHER)) {
      return Optional.empty();
    }
    OperatingSystem os =
        new OperatingSystem("Windows", "Windows", "10 or 11", Role.CLIENT, Quality.FUZZY, 0.9);
    return Optional.of(
        new ClientHistory(
            new Observation(
                Instant.ofEpochSecond(1_700_000_100),
                address,
                50000,
                address("192.0.2.25"),
                25,
                new Fingerprint(os, 12, "DSL", 1492, "4:116+12:..."),
                2,
                Optional.of(Duration.ofMinutes(77))),
            Instant.ofEpochSecond(1_700_000_000),
            5,
            Optional.of(Instant.ofEpochSecond(1_700_000_050)),
            Optional.empty(),
            497));
  }

  private static P0fService tcp() throws IOException {
    return P0fService.start(List.of(new Endpoint.Inet("127.0.0.1", 0)), P0fServiceTest::history);
  }

  private static Socket connect(P0fService service) throws IOException {
    Endpoint.Inet inet = (Endpoint.Inet) service.endpoints().getFirst();
    Socket socket = new Socket(inet.host(), inet.port());
    socket.setSoTimeout(10_000);
    return socket;
  }

  private static byte[] read(Socket socket) throws IOException {
    byte[] response = new byte[P0fWire.RESPONSE_LENGTH];
    new DataInputStream(socket.getInputStream()).readFully(response);
    return response;
  }

  @Test
  void answersEachFieldWhereP0fHasIt() throws IOException {
    try (P0fService service = tcp();
        Socket socket = connect(service)) {
      socket.getOutputStream().write(P0fWire.query(KNOWN));
      ByteBuffer b = ByteBuffer.wrap(read(socket)).order(ByteOrder.nativeOrder());
      assertThat(b.getInt(0)).isEqualTo(0x50304602);
      assertThat(b.getInt(4)).isEqualTo(0x10);
      assertThat(b.getInt(8)).isEqualTo(1_700_000_000);
      assertThat(b.getInt(12)).isEqualTo(1_700_000_100);
      assertThat(b.getInt(16)).isEqualTo(5);
      assertThat(b.getInt(20)).isEqualTo(77);
      assertThat(b.getInt(24)).isEqualTo(497);
      assertThat(b.getInt(28)).isEqualTo(1_700_000_050);
      assertThat(b.getInt(32)).isZero();
      assertThat(b.getShort(36)).isEqualTo((short) 12);
      assertThat(b.get(38)).isZero();
      assertThat(b.get(39)).isEqualTo((byte) 1);
      assertThat(text(b, 40)).isEqualTo("Windows");
      assertThat(text(b, 72)).isEqualTo("10 or 11");
      assertThat(text(b, 104)).isEmpty();
      assertThat(text(b, 136)).isEmpty();
      assertThat(text(b, 168)).isEqualTo("DSL");
      assertThat(text(b, 200)).isEmpty();
    }
  }

  private static String text(ByteBuffer b, int at) {
    StringBuilder text = new StringBuilder();
    for (int i = at; b.get(i) != 0; i++) {
      text.append((char) b.get(i));
    }
    return text.toString();
  }

  @Test
  void answersSeriesSplitQueriesAndBadOnes() throws IOException {
    try (P0fService service = tcp();
        Socket socket = connect(service)) {
      OutputStream out = socket.getOutputStream();
      byte[] query = P0fWire.query(KNOWN6);
      for (byte octet : query) {
        out.write(octet);
        out.flush();
      }
      assertThat(status(read(socket))).isEqualTo(P0fWire.OK);
      out.write(P0fWire.query(OTHER));
      assertThat(status(read(socket))).isEqualTo(P0fWire.NO_MATCH);
      out.write(new byte[21]);
      assertThat(status(read(socket))).isEqualTo(P0fWire.BAD_QUERY);
      query[4] = 9;
      out.write(query);
      assertThat(status(read(socket))).isEqualTo(P0fWire.BAD_QUERY);
      out.write(P0fWire.query(KNOWN));
      assertThat(status(read(socket))).isEqualTo(P0fWire.OK);
      assertThat(service.counters()).isEqualTo(new P0fService.Counters(2, 1, 2, 0, 1));
    }
  }

  private static int status(byte[] response) {
    return ByteBuffer.wrap(response).order(ByteOrder.nativeOrder()).getInt(4);
  }

  @Test
  void answersAllOfManyQueriesSentAtOnceToASlowReader() throws Exception {
    int count = 20_000;
    try (P0fService service = tcp();
        Socket socket = connect(service)) {
      Thread writer =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  byte[] query = P0fWire.query(KNOWN);
                  for (int i = 0; i < count; i++) {
                    socket.getOutputStream().write(query);
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      await().until(() -> service.counters().found() > 100);
      for (int i = 0; i < count; i++) {
        assertThat(status(read(socket))).isEqualTo(P0fWire.OK);
      }
      writer.join();
    }
  }

  @Test
  void listensOnAUnixSocketThatEveryoneMayUse(@TempDir Path folder) throws IOException {
    Path path = folder.resolve("p0f.sock");
    try (P0fService service =
            P0fService.start(List.of(new Endpoint.Unix(path)), P0fServiceTest::history);
        SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rw-rw-rw-");
      channel.write(ByteBuffer.wrap(P0fWire.query(KNOWN)));
      ByteBuffer response = ByteBuffer.allocate(P0fWire.RESPONSE_LENGTH);
      while (response.hasRemaining()) {
        assertThat(channel.read(response)).isPositive();
      }
      assertThat(P0fWire.decode(response.array()).orElseThrow().osFlavor()).isEqualTo("10 or 11");
      assertThat(service.endpoints()).containsExactly(new Endpoint.Unix(path));
    }
  }
}
