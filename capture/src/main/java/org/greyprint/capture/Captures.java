// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * All places SYNs come from, and the table they are kept in: the entry of this module.
 *
 * <p>Each interface is read through libpcap by a thread of its own; IPv4 and IPv6, in VLANs too,
 * SYNs to the configured ports only. An asker gets the SYN of the client's address and port; where
 * it may still be on its way, the answer waits for it without holding a thread. Where no interface
 * knows the client, a running p0f is asked, if one is configured.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * Each source has one line ({@link #statuses}), logged when it changes:
 *
 * <ul>
 *   <li>{@code libpcap is not installed}, {@code not permitted}, {@code no such interface}, {@code
 *       the interface is down}: with the cure; tried again each second, mail goes on without
 *       fingerprints.
 *   <li>{@code p0f at PATH: ...}: its socket is not there or does not answer; tried again with the
 *       next question, at most once a second.
 * </ul>
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@code capture:} is a list of {@code {interface: NAME, ports: [25, 465, 587]}} ({@code any} for
 * all interfaces) and {@code {p0f: PATH}}. An empty list captures nothing.
 */
public final class Captures implements SynLookup, AutoCloseable {
  /** The ports on which clients speak SMTP: relay, submission over TLS, submission. */
  public static final List<Integer> SMTP_PORTS = List.of(25, 465, 587);

  private final ClientTable table;
  private final List<InterfaceSource> interfaces;
  private final List<P0fSource> p0fs;

  private Captures(ClientTable table, List<InterfaceSource> interfaces, List<P0fSource> p0fs) {
    this.table = table;
    this.interfaces = List.copyOf(interfaces);
    this.p0fs = List.copyOf(p0fs);
  }

  /** Settings of captures; each has a default. */
  public static final class Builder {
    private record Interface(String name, List<Integer> ports) {}

    private final SynReader reader;
    private final List<Interface> interfaces = new ArrayList<>();
    private final List<Path> p0fs = new ArrayList<>();
    private int capacity = ClientTable.DEFAULT_CAPACITY;
    private Duration maxAge = ClientTable.DEFAULT_MAX_AGE;
    private Clock clock = Clock.systemUTC();

    private Builder(SynReader reader) {
      this.reader = reader;
    }

    /**
     * Reads an interface.
     *
     * @param name as in {@code ip link}, or {@code any}
     * @param ports whose SYNs are wanted, 1 to 65535
     * @throws IllegalArgumentException if a port is out of range or there is none
     */
    public Builder networkInterface(String name, Collection<Integer> ports) {
      if (ports.isEmpty() || ports.stream().anyMatch(port -> port < 1 || port > 65535)) {
        throw new IllegalArgumentException("ports are 1 to 65535, not " + ports);
      }
      interfaces.add(new Interface(name, List.copyOf(ports)));
      return this;
    }

    /** Asks a p0f that listens on a UNIX socket. */
    public Builder p0f(Path socket) {
      p0fs.add(socket);
      return this;
    }

    /** Connections held at most, 16 to 2^26; {@link ClientTable#DEFAULT_CAPACITY}. */
    public Builder capacity(int connections) {
      capacity = connections;
      return this;
    }

    /** How old a SYN may be that is given; {@link ClientTable#DEFAULT_MAX_AGE}. */
    public Builder maxAge(Duration age) {
      maxAge = age;
      return this;
    }

    /** The time of questions; the system's. */
    public Builder clock(Clock source) {
      clock = source;
      return this;
    }

    /** Opens every source. What can't be opened is logged and tried again; nothing is thrown. */
    public Captures start() {
      ClientTable table = new ClientTable(capacity, maxAge, clock, reader);
      List<InterfaceSource> opened = new ArrayList<>();
      for (Interface each : interfaces) {
        opened.add(new InterfaceSource(each.name, each.ports, table));
      }
      List<P0fSource> asked = new ArrayList<>();
      for (Path socket : p0fs) {
        asked.add(new P0fSource(socket, clock));
      }
      opened.forEach(InterfaceSource::start);
      asked.forEach(P0fSource::start);
      return new Captures(table, opened, asked);
    }
  }

  /** Captures whose SYNs are read by {@code reader}. */
  public static Builder builder(SynReader reader) {
    return new Builder(reader);
  }

  @Override
  public CompletionStage<Optional<Observation>> find(
      InetAddress client, int clientPort, Duration patience) {
    // Nobody waits for a SYN that no interface can bring.
    boolean listening = false;
    for (InterfaceSource source : interfaces) {
      listening |= source.status().up();
    }
    CompletionStage<Optional<Observation>> answer =
        table.find(client, clientPort, listening ? patience : Duration.ZERO);
    for (P0fSource p0f : p0fs) {
      Duration left = listening ? Duration.ZERO : patience;
      answer =
          answer.thenCompose(known ->
              known.isPresent()
                  ? CompletableFuture.completedFuture(known)
                  : p0f.find(client, clientPort, left));
    }
    return answer;
  }

  /** Reads with other signatures from now on; no SYN is lost and no question waits. */
  public void reader(SynReader reader) {
    table.reader(reader);
  }

  /** Where SYNs are kept; also takes those that other parts see, and answers for addresses. */
  public ClientTable table() {
    return table;
  }

  /** How each source stands, interfaces first. */
  public List<Source.Status> statuses() {
    List<Source.Status> all = new ArrayList<>();
    interfaces.forEach(source -> all.add(source.status()));
    p0fs.forEach(source -> all.add(source.status()));
    return all;
  }

  /** Stops all threads; questions still open are answered with nothing. */
  @Override
  public void close() {
    interfaces.forEach(InterfaceSource::close);
    p0fs.forEach(P0fSource::close);
    table.close();
  }
}
