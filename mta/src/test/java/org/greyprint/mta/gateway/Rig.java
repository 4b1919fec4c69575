// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.greyprint.fingerprint.Fingerprint;
import org.jspecify.annotations.Nullable;

/** A gateway between a test's client and its next hop. */
final class Rig implements Closeable {
  final Deciders decider = new Deciders();
  final TestHop hop = new TestHop();
  private @Nullable Gateway gateway;

  /** Two listeners: one plain, one whose clients are balancers. */
  GatewaySettings settings() {
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    return GatewaySettings.DEFAULT
        .withListeners(
            List.of(
                GatewaySettings.Listener.of(any),
                new GatewaySettings.Listener("lb", any, false, List.of("127.0.0.0/8"))))
        .withHostname("gate.example")
        .withNextHop(hop.address());
  }

  void open(GatewaySettings settings) throws IOException {
    open(settings, syn -> Optional.empty());
  }

  void open(GatewaySettings settings, Function<byte[], Optional<Fingerprint>> syns)
      throws IOException {
    gateway = Gateway.start(settings, decider, syns, InstantSource.system());
  }

  Gateway gateway() {
    return java.util.Objects.requireNonNull(gateway);
  }

  InetSocketAddress plain() {
    return gateway().addresses().get(0);
  }

  long count(String name) {
    return gateway == null ? -1 : gateway.counters().all().getOrDefault(name, -1L);
  }

  /** A client that comes through the balancer from an address that is not loopback. */
  Line foreign() throws IOException {
    Line line = new Line(gateway().addresses().get(1));
    line.send("PROXY TCP4 192.0.2.7 192.0.2.25 50000 25\r\n");
    assertThat(line.reply()).startsWith("220 gate.example ");
    return line;
  }

  @Override
  public void close() throws IOException {
    if (gateway != null) {
      gateway.close();
    }
    hop.close();
  }
}
