// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("peer")
@Needs(
    value = {"ip", "ethtool", "nft", "bash"},
    root = true)
class LiveCaptureTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private Hosts hosts = new Hosts();
  private ServerSocket server = new ServerSocket();

  LiveCaptureTest() throws IOException {}

  @BeforeEach
  void listen() throws IOException {
    server.bind(new InetSocketAddress(0));
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    hosts.close();
  }

  private Captures capture(String... names) {
    Captures.Builder builder = Captures.builder(Syns.BY_TTL).capacity(10_000);
    for (String name : names) {
      builder.networkInterface(name, List.of(server.getLocalPort()));
    }
    return builder.start();
  }

  private static Optional<Observation> find(Captures captures, InetAddress address, int port) {
    return captures.find(address, port, PATIENCE).toCompletableFuture().join();
  }

  private Observation accepted(Captures captures) throws IOException {
    try (Socket socket = server.accept()) {
      return find(captures, socket.getInetAddress(), socket.getPort()).orElseThrow();
    }
  }

  @Test
  void seesClientsOverIpv4AndIpv6() throws IOException {
    String host = hosts.add("a");
    String wire = hosts.wire(host);
    try (Captures captures = capture(wire)) {
      assertThat(captures.statuses()).allMatch(Source.Status::up);
      hosts.connect(host, hosts.network + ".1", server.getLocalPort());
      Observation four = accepted(captures);
      assertThat(four.client()).isEqualTo(Syns.address(hosts.network + ".2"));
      assertThat(four.fingerprint().signature()).isEqualTo("ttl 64");
      hosts.connect(host, "fd79:" + hosts.id() + "::1", server.getLocalPort());
      assertThat(accepted(captures).client().getAddress()).hasSize(16);
      assertThat(captures.statuses().getFirst().received()).isEqualTo(2);
      assertThat(captures.statuses().getFirst().dropped()).isZero();
    }
  }

  @Test
  void tellsTwoHostsBehindOneAddressApart() throws IOException {
    String router = hosts.add("r");
    String wire = hosts.wire(router);
    String windows = hosts.add("w");
    String other = hosts.add("o");
    hosts.wire(router, windows, 1);
    hosts.wire(router, other, 2);
    hosts.in(router, "sysctl -qw net.ipv4.ip_forward=1");
    hosts.in(router, "nft add table ip n");
    Hosts.run(
        List.of(
            "ip",
            "netns",
            "exec",
            router,
            "nft",
            "add chain ip n out" + " { type nat hook postrouting priority 100; }"));
    hosts.in(router, "nft add rule ip n out oifname eth0 masquerade");
    hosts.in(windows, "sysctl -qw net.ipv4.ip_default_ttl=128");
    try (Captures captures = capture(wire)) {
      hosts.connect(windows, hosts.network + ".1", server.getLocalPort());
      hosts.connect(other, hosts.network + ".1", server.getLocalPort());
      Observation first = accepted(captures);
      Observation second = accepted(captures);
      assertThat(first.client()).isEqualTo(second.client());
      assertThat(first.fingerprint().os().family()).isEqualTo("Windows");
      assertThat(second.fingerprint().os().family()).isEqualTo("unknown");
      assertThat(second.hosts()).isEqualTo(2);
    }
  }

  @Test
  void seesTagsOfVlans() throws IOException {
    String host = hosts.add("a");
    String wire = hosts.wire(host);
    byte[] syn = Syns.ipv4("172.30.9.2", 4711, 1, 116, Syns.WINDOWS);
    syn[22] = (byte) (server.getLocalPort() >> 8);
    syn[23] = (byte) server.getLocalPort();
    String mac = Hosts.mac(wire).replace(":", "");
    byte[] frame = Syns.bytes(mac + "020000000001 8100 0007 0800", syn);
    try (Captures captures = capture(wire)) {
      Hosts.run(Flood.command(host, "eth0", HexFormat.of().formatHex(frame)));
      assertThat(find(captures, Syns.address("172.30.9.2"), 4711)).isPresent();
    }
  }

  @Test
  void readsLoopbackAndAny() throws IOException {
    for (String name : List.of("lo", "any")) {
      try (Captures captures = capture(name);
          Socket client = new Socket(InetAddress.getLoopbackAddress(), server.getLocalPort())) {
        Observation seen = accepted(captures);
        assertThat(seen.clientPort()).isEqualTo(client.getLocalPort());
        assertThat(seen.client().isLoopbackAddress()).isTrue();
      }
    }
  }

  @Test
  void comesBackWhenTheInterfaceDoes() throws IOException {
    String host = hosts.add("a");
    String wire = hosts.wire(host);
    try (Captures captures = capture(wire)) {
      Hosts.run("ip link set " + wire + " down");
      await().atMost(10, TimeUnit.SECONDS).until(() -> !captures.statuses().getFirst().up());
      assertThat(captures.statuses().getFirst().line()).contains(wire);
      Hosts.run("ip link set " + wire + " up");
      await().atMost(10, TimeUnit.SECONDS).until(() -> captures.statuses().getFirst().up());
      hosts.connect(host, hosts.network + ".1", server.getLocalPort());
      assertThat(accepted(captures).client()).isEqualTo(Syns.address(hosts.network + ".2"));
      Hosts.run("ip link del " + wire);
      await()
          .atMost(10, TimeUnit.SECONDS)
          .until(() -> captures.statuses().getFirst().line().contains("no such interface"));
    }
  }

  @Test
  void saysWhichInterfacesThereAre() {
    try (Captures captures = capture("nosuch0")) {
      Source.Status status = captures.statuses().getFirst();
      assertThat(status.up()).isFalse();
      assertThat(status.line())
          .startsWith("capture on nosuch0: no such interface; there are: ")
          .contains("lo");
      // Nobody waits where nothing can come.
      assertThat(captures.find(InetAddress.getLoopbackAddress(), 1, PATIENCE).toCompletableFuture())
          .isDone();
    }
  }

  @Test
  void findsRealClientsInAFlood() throws Exception {
    String host = hosts.add("a");
    String wire = hosts.wire(host);
    int port = server.getLocalPort();
    try (Captures captures = capture(wire)) {
      Process flood =
          new ProcessBuilder(
                  Flood.command(
                      host,
                      "eth0",
                      Hosts.mac(wire),
                      hosts.network + ".1",
                      Integer.toString(port),
                      "50000",
                      "3000"))
              .inheritIO()
              .start();
      try {
        await()
            .atMost(20, TimeUnit.SECONDS)
            .until(() -> captures.table().counters().evicted() > 1000);
        for (int i = 0; i < 20; i++) {
          hosts.connect(host, hosts.network + ".1", port);
          assertThat(accepted(captures).client()).isEqualTo(Syns.address(hosts.network + ".2"));
        }
        assertThat(captures.table().counters().connections()).isLessThanOrEqualTo(10_000);
      } finally {
        flood.destroy();
        flood.waitFor();
      }
    }
  }

  @Test
  void losesNothingWhenSignaturesAreReadAgain() throws Exception {
    String host = hosts.add("a");
    String wire = hosts.wire(host);
    List<String> flood =
        Flood.command(
            host,
            "eth0",
            Hosts.mac(wire),
            hosts.network + ".1",
            Integer.toString(server.getLocalPort()),
            "20000",
            "2000");
    try (Captures captures = capture(wire)) {
      Process process = new ProcessBuilder(flood).redirectErrorStream(true).start();
      long readings = 0;
      while (process.isAlive()) {
        Fingerprinter fresh = Fingerprinter.builtin();
        captures.reader(fresh::read);
        readings++;
      }
      String[] said = new String(process.getInputStream().readAllBytes(), UTF_8).strip().split(" ");
      long sent = Long.parseLong(said[1]);
      assertThat(sent).isGreaterThan(10_000);
      assertThat(readings).isGreaterThan(20);
      await().atMost(20, TimeUnit.SECONDS).until(() -> captures.table().counters().seen() == sent);
      assertThat(captures.statuses().getFirst().dropped()).isZero();
    }
  }
}
