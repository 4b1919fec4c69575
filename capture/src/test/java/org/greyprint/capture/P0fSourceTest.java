// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class P0fSourceTest {
  private static final InetAddress CLIENT = Syns.address("192.0.2.7");

  @TempDir private Path folder;

  private static Optional<Observation> ask(Captures captures, InetAddress client, Duration time) {
    return captures.find(client, 4711, time).toCompletableFuture().join();
  }

  @Test
  void answersNothingWhereNoP0fIs() {
    try (Captures captures = Captures.builder(Syns.BY_TTL).p0f(folder.resolve("none")).start()) {
      assertThat(ask(captures, CLIENT, Duration.ofSeconds(5))).isEmpty();
      Source.Status status = captures.statuses().getFirst();
      assertThat(status.up()).isFalse();
      assertThat(status.line()).contains("start p0f with -s");
    }
  }

  @Test
  void waitsNoLongerThanItsPatienceForOneThatHangs() throws IOException {
    Path path = folder.resolve("hangs");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      try (Captures captures = Captures.builder(Syns.BY_TTL).p0f(path).start()) {
        CompletableFuture<Optional<Observation>> asked =
            captures.find(CLIENT, 1, Duration.ofMillis(10)).toCompletableFuture();
        await().atMost(5, TimeUnit.SECONDS).until(asked::isDone);
        assertThat(asked.join()).isEmpty();
        await().until(() -> captures.statuses().getFirst().dropped() == 1);
      }
    }
  }

  @Test
  void connectsAnewWhereTheConnectionBreaks() throws Exception {
    Path path = folder.resolve("breaks");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(path));
      Thread p0f =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  server.accept().close();
                  try (SocketChannel second = server.accept()) {
                    ByteBuffer query = ByteBuffer.allocate(P0fWire.QUERY_LENGTH);
                    while (query.hasRemaining()) {
                      second.read(query);
                    }
                    second.write(
                        ByteBuffer.wrap(
                            P0fWire.encode(
                                new P0fWire.Response(
                                    P0fWire.OK,
                                    1,
                                    2,
                                    3,
                                    4,
                                    5,
                                    6,
                                    0,
                                    255,
                                    0,
                                    2,
                                    "Windows",
                                    "Server 2012 or newer",
                                    "DSL"))));
                  }
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      try (Captures captures = Captures.builder(Syns.BY_TTL).p0f(path).start()) {
        await()
            .atMost(10, TimeUnit.SECONDS)
            .until(() -> ask(captures, CLIENT, Duration.ofMillis(50)).isPresent());
        assertThat(captures.statuses().getFirst().received()).isEqualTo(1);
      }
      p0f.join();
    }
  }

  @Test
  void namesWhatP0fSays() {
    P0fWire.Response response =
        new P0fWire.Response(
            P0fWire.OK, 1, 2, 3, 4, 5, 6, 0, 255, 0, 2, "Windows", "Server 2012 or newer", "DSL");
    OperatingSystem os = P0fLabels.fingerprint(response).os();
    assertThat(os.label()).isEqualTo("Windows Server 2012 or newer");
    assertThat(os.role()).isEqualTo(Role.SERVER);
    assertThat(os.quality()).isEqualTo(Quality.GENERIC);
    assertThat(P0fLabels.fingerprint(response).distance()).isEqualTo(-1);
  }

  @Test
  @Tag("peer")
  @Needs(
      value = {"p0f", "ip", "ethtool", "bash"},
      root = true)
  void asksARealP0f() throws Exception {
    Path socket = folder.resolve("p0f.sock");
    try (Hosts hosts = new Hosts();
        ServerSocket server = new ServerSocket()) {
      server.bind(new InetSocketAddress(0));
      String host = hosts.add("p");
      String wire = hosts.wire(host);
      InetAddress client = Syns.address(hosts.network + ".2");
      Process p0f = p0f(wire, socket);
      try (Captures captures = Captures.builder(Syns.BY_TTL).p0f(socket).start()) {
        assertThat(captures.statuses()).allMatch(Source.Status::up);
        assertThat(ask(captures, client, Duration.ZERO)).isEmpty();
        CompletableFuture<Optional<Observation>> early =
            captures.find(client, 1, Duration.ofSeconds(10)).toCompletableFuture();
        hosts.connect(host, hosts.network + ".1", server.getLocalPort());
        Observation seen = early.join().orElseThrow();
        assertThat(seen.client()).isEqualTo(client);
        assertThat(seen.clientPort()).isZero();
        assertThat(seen.fingerprint().distance()).isZero();
        assertThat(seen.fingerprint().os().family()).isIn("Linux", "unknown");
        p0f.destroy();
        p0f.waitFor();
        await()
            .atMost(10, TimeUnit.SECONDS)
            .until(() ->
                ask(captures, client, Duration.ZERO).isEmpty()
                    && !captures.statuses().getFirst().up());
        p0f = p0f(wire, socket);
        hosts.connect(host, hosts.network + ".1", server.getLocalPort());
        await()
            .atMost(10, TimeUnit.SECONDS)
            .until(() -> ask(captures, client, Duration.ofMillis(100)).isPresent());
      } finally {
        p0f.destroy();
        p0f.waitFor();
      }
    }
  }

  private Process p0f(String wire, Path socket) throws IOException {
    Files.deleteIfExists(socket);
    Process p0f =
        new ProcessBuilder(
                Programs.find("p0f").orElseThrow().toString(), "-i", wire, "-s", socket.toString())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("p0f.out").toFile())
            .start();
    await()
        .atMost(10, TimeUnit.SECONDS)
        .until(() ->
            Files.exists(socket)
                && Files.readString(folder.resolve("p0f.out")).contains("Entered main"));
    return p0f;
  }
}
