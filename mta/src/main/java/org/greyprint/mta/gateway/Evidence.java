// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.epoll.EpollTcpInfo;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;

/**
 * What only a front door sees of a client; by itself it changes no verdict, rules may.
 *
 * <ul>
 *   <li>{@code gateway.listener} the listener's name
 *   <li>{@code syn.source} saved, missing (the kernel kept none) or balancer (it is not the
 *       client's)
 *   <li>{@code early.greeting} talked before it can have read the greeting
 *   <li>{@code early.pipelining} sent commands together before PIPELINING was offered
 *   <li>{@code dialect.verbs} upper, lower or mixed case of its commands
 *   <li>{@code dialect.blanks} a blank after {@code FROM:} or {@code TO:}, which RFC 5321 has not
 *   <li>{@code dialect.brackets} false where an address stood without angle brackets
 *   <li>{@code dialect.bare-lf} ended command lines by LF alone
 *   <li>{@code dialect.order} commands out of order
 *   <li>{@code dialect.hello} EHLO or HELO
 *   <li>{@code previous.end} how the last session from this address ended: quit, closed, reset,
 *       timeout or dropped; "" if none is remembered
 *   <li>{@code tls.ja4}, {@code tls.sni} of its ClientHello
 *   <li>{@code tls.system} the operating system whose TLS library made it; "" if it runs on many
 *   <li>{@code tls.agrees} false where the SYN is of another operating system than that
 *   <li>{@code tcp.rtt} smoothed, in microseconds; {@code tcp.retransmits} of ours, so far
 * </ul>
 */
final class Evidence {
  private static final String WINDOWS = "Windows";

  /** How long the kernel's view is good for, in ns. */
  private static final long FRESH = 100_000_000;

  /** A round trip in which a client cannot answer sooner by chance, in microseconds. */
  private static final long SHORTEST = 4000;

  private static final long TICK = 10_000;

  private final Map<String, Object> facts = new LinkedHashMap<>();
  private long measured;
  private long sinceData;
  private boolean upper;
  private boolean lower;

  void put(String name, Object value) {
    facts.put(name, value);
  }

  void hello(ClientHello hello) {
    put("tls.ja4", hello.ja4());
    put("tls.sni", hello.sni());
    put("tls.system", Schannel.made(hello) ? WINDOWS : "");
  }

  /** Compares what the SYN says with what the ClientHello says, where both say something. */
  void system(Optional<Fingerprint> fingerprint) {
    OperatingSystem os = fingerprint.map(Fingerprint::os).orElse(OperatingSystem.UNKNOWN);
    boolean known = !os.family().equals(OperatingSystem.UNKNOWN.family());
    if (known && facts.get("tls.system") instanceof String library && !library.isEmpty()) {
      put("tls.agrees", library.equals(os.family()));
    }
  }

  /** Looks at a command as it was written. */
  void command(Command command) {
    String verb = command.line().substring(0, command.verb().length());
    upper |= !verb.equals(verb.toLowerCase(Locale.ROOT));
    lower |= !verb.equals(verb.toUpperCase(Locale.ROOT));
    if (command.bareLf()) {
      put("dialect.bare-lf", true);
    }
  }

  /** Looks at MAIL or RCPT as it was written. */
  void path(Command command, String keyword) {
    int after = keyword.length();
    String argument = command.argument();
    if (argument.length() > after) {
      char c = argument.charAt(after);
      put("dialect.blanks", c == ' ' || c == '\t');
      put("dialect.brackets", argument.indexOf('<') >= 0);
    }
  }

  void outOfOrder() {
    put("dialect.order", true);
  }

  /** Takes the kernel's view of the connection, unless that was done just before. */
  void tcp(EpollSocketChannel channel) {
    long now = System.nanoTime();
    if (measured != 0 && now - measured < FRESH) {
      return;
    }
    measured = now;
    try {
      EpollTcpInfo info = channel.tcpInfo();
      sinceData = info.lastDataRecv() * 1000;
      put("tcp.rtt", info.rtt());
      put("tcp.retransmits", info.totalRetrans());
    } catch (RuntimeException e) {
      // The connection is gone, and with it what it could tell.
      facts.remove("tcp.rtt");
    }
  }

  /**
   * Whether the octets that were read now, the first ones, were sent before the client can have
   * read the greeting: they came sooner than half a round trip after it. What counts is when the
   * kernel had them, since we may be late ourselves; it counts that in ticks of up to 10 ms.
   *
   * @param waited microseconds since the greeting was written
   */
  boolean early(long waited) {
    long half = (facts.get("tcp.rtt") instanceof Long rtt ? rtt : 0) / 2;
    return half >= SHORTEST / 2 && (waited < half || waited - sinceData + TICK < half);
  }

  /** What is known now. */
  Map<String, Object> now() {
    Map<String, Object> now = new LinkedHashMap<>(facts);
    now.putIfAbsent("early.greeting", false);
    now.putIfAbsent("early.pipelining", false);
    now.putIfAbsent("dialect.bare-lf", false);
    now.putIfAbsent("dialect.order", false);
    if (upper || lower) {
      now.put("dialect.verbs", upper ? lower ? "mixed" : "upper" : "lower");
    }
    return now;
  }
}
