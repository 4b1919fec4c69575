// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.mta.FaceSettings;

/**
 * How the gateway works; every setting has its default in {@link #DEFAULT}.
 *
 * @param listeners where clients come to
 * @param nextHop where mail goes
 * @param identity how the next hop is told who the client is
 * @param hopTls whether TLS is spoken to an {@code smtp://} next hop
 * @param hopAuthority certificates (PEM) the next hop's is checked against; empty for the JDK's
 * @param tls certificates of our own; empty for no STARTTLS and no implicit TLS
 * @param hostname the name in greetings and trace headers; "" for this machine's
 * @param face the header's name, and whether deferrals name the decision
 * @param strays what happens to bare CR, bare LF and NUL in messages
 * @param limits bounds on what clients may do
 * @param timeouts how long is waited, RFC 5321, 4.5.3.2
 * @param threads of the event loop
 */
public record GatewaySettings(
    List<Listener> listeners,
    NextHop nextHop,
    Identity identity,
    HopTls hopTls,
    Optional<Path> hopAuthority,
    Optional<Tls> tls,
    String hostname,
    FaceSettings face,
    Strays strays,
    Limits limits,
    Timeouts timeouts,
    int threads) {

  /**
   * Where clients come to.
   *
   * @param name tells rules which listener it was, as {@code gateway.listener}
   * @param address port 0 for any free one
   * @param implicitTls whether TLS is spoken from the first octet on (RFC 8314)
   * @param balancers networks, as {@code address/bits}, whose connections begin with a PROXY header
   */
  public record Listener(
      String name, InetSocketAddress address, boolean implicitTls, List<String> balancers) {
    /** A plain listener. */
    public static Listener of(InetSocketAddress address) {
      return new Listener("smtp", address, false, List.of());
    }
  }

  /** How the next hop is told who the client is. */
  public enum Identity {
    /** XCLIENT where the next hop offers it, else a Received header. */
    AUTO,
    /** A PROXY protocol header, version 1, before anything else. */
    PROXY_V1,
    /** A PROXY protocol header, version 2, before anything else. */
    PROXY_V2,
    /** Only a Received header. */
    NONE
  }

  /** Whether TLS is spoken to an {@code smtp://} next hop. */
  public enum HopTls {
    /** Never. */
    NONE,
    /** Where offered, whatever the certificate. */
    MAY,
    /** Always, and its certificate must be valid for its name. */
    VERIFY
  }

  /** What happens to bare CR, bare LF and NUL in messages. */
  public enum Strays {
    /** A bare LF becomes CRLF, a bare CR or a NUL a space; none of them ends a message. */
    NORMALISE,
    /** The message is refused with 550 5.6.0. */
    REFUSE
  }

  /**
   * A certificate and its key, PEM files; read again when they change.
   *
   * @param certificate the chain, own certificate first
   * @param key the private key, PKCS#8
   */
  public record KeyPair(Path certificate, Path key) {}

  /**
   * Certificates.
   *
   * @param fallback shown to clients that name no host, or none of those in {@code byName}
   * @param byName by the host that the client names (SNI), in lower case
   */
  public record Tls(KeyPair fallback, Map<String, KeyPair> byName) {}

  /**
   * Bounds on what clients may do.
   *
   * @param connections at one time; further clients get 421
   * @param perClient connections of one IPv4 address or IPv6 /64 at one time; not of this machine
   * @param commands of one session
   * @param commandLine octets of a command line, CRLF counted; an AUTH line may have 12,288
   * @param recipients of one message; further ones get 452
   * @param lmtpRecipients of one message where the next hop speaks LMTP (docs/gateway.md says why)
   * @param errors refused commands of one session before it is closed
   * @param tarpitAfter refused commands before each further answer is held back
   * @param tarpit how long answers are held back then
   * @param messageSize octets; 0 leaves it to the next hop
   */
  public record Limits(
      int connections,
      int perClient,
      int commands,
      int commandLine,
      int recipients,
      int lmtpRecipients,
      int errors,
      int tarpitAfter,
      Duration tarpit,
      long messageSize) {
    public static final Limits DEFAULT =
        new Limits(20_000, 100, 10_000, 4096, 1000, 1, 20, 10, Duration.ofSeconds(1), 0);

    /**
     * @throws IllegalArgumentException if a limit leaves nothing to work with
     */
    public Limits {
      if (connections < 1 || perClient < 1 || commands < 1 || recipients < 1 || errors < 1) {
        throw new IllegalArgumentException("limits must be at least 1");
      }
      if (lmtpRecipients < 1 || tarpitAfter < 0 || tarpit.isNegative() || messageSize < 0) {
        throw new IllegalArgumentException("limits must not be negative");
      }
      if (commandLine < 512 || commandLine > 16_384) {
        throw new IllegalArgumentException("commandLine must be between 512 and 16384 octets");
      }
    }
  }

  /**
   * How long is waited.
   *
   * @param command for the client's next command, whole; 5 minutes (RFC 5321, 4.5.3.2.7)
   * @param data for the next 4096 octets of a message; 3 minutes
   * @param connect for the connection to the next hop
   * @param reply for the next hop's answer to a command; 5 minutes
   * @param endOfData for its answer to a whole message; 10 minutes
   * @param decision for the decision on a recipient; it is delivered then
   * @param handshake for TLS and PROXY headers
   * @param drain for sessions to come to an end when the gateway is closed
   */
  public record Timeouts(
      Duration command,
      Duration data,
      Duration connect,
      Duration reply,
      Duration endOfData,
      Duration decision,
      Duration handshake,
      Duration drain) {
    public static final Timeouts DEFAULT =
        new Timeouts(
            Duration.ofMinutes(5),
            Duration.ofMinutes(3),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            Duration.ofMinutes(10),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(30));
  }

  /** 127.0.0.1:2525, mail into the Maildir ./var/mail. */
  public static final GatewaySettings DEFAULT =
      new GatewaySettings(
          List.of(Listener.of(new InetSocketAddress("127.0.0.1", 2525))),
          new NextHop.Maildir(Path.of("var", "mail")),
          Identity.AUTO,
          HopTls.MAY,
          Optional.empty(),
          Optional.empty(),
          "",
          FaceSettings.DEFAULT,
          Strays.NORMALISE,
          Limits.DEFAULT,
          Timeouts.DEFAULT,
          Math.clamp(Runtime.getRuntime().availableProcessors(), 1, 8));

  /**
   * @throws IllegalArgumentException if there is no listener, no thread, or the name is none
   */
  public GatewaySettings {
    if (listeners.isEmpty() || threads < 1) {
      throw new IllegalArgumentException("at least one listener and one thread are needed");
    }
    if (!hostname.matches("[A-Za-z0-9._:\\[\\]-]{0,255}")) {
      throw new IllegalArgumentException("'" + hostname + "' is no host name");
    }
    listeners = List.copyOf(listeners);
  }

  /** The same with other listeners. */
  public GatewaySettings withListeners(List<Listener> other) {
    return new GatewaySettings(
        other,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        face,
        strays,
        limits,
        timeouts,
        threads);
  }

  /** The same with another next hop. */
  public GatewaySettings withNextHop(NextHop other) {
    return new GatewaySettings(
        listeners,
        other,
        identity,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        face,
        strays,
        limits,
        timeouts,
        threads);
  }

  /** The same with another way to tell the next hop who the client is. */
  public GatewaySettings withIdentity(Identity other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        other,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        face,
        strays,
        limits,
        timeouts,
        threads);
  }

  /** The same with other TLS towards the next hop. */
  public GatewaySettings withHopTls(HopTls other, Optional<Path> authority) {
    return new GatewaySettings(
        listeners, nextHop, identity, other, authority, tls, hostname, face, strays, limits,
        timeouts, threads);
  }

  /** The same with certificates. */
  public GatewaySettings withTls(Tls other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        Optional.of(other),
        hostname,
        face,
        strays,
        limits,
        timeouts,
        threads);
  }

  /** The same under another name. */
  public GatewaySettings withHostname(String other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        tls,
        other,
        face,
        strays,
        limits,
        timeouts,
        threads);
  }

  /** The same with another header, or other texts. */
  public GatewaySettings withFace(FaceSettings other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        other,
        strays,
        limits,
        timeouts,
        threads);
  }

  /** The same with another treatment of stray octets. */
  public GatewaySettings withStrays(Strays other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        face,
        other,
        limits,
        timeouts,
        threads);
  }

  /** The same with other limits. */
  public GatewaySettings withLimits(Limits other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        face,
        strays,
        other,
        timeouts,
        threads);
  }

  /** The same with other timeouts. */
  public GatewaySettings withTimeouts(Timeouts other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        face,
        strays,
        limits,
        other,
        threads);
  }

  /** The same with another number of event loops. */
  public GatewaySettings withThreads(int other) {
    return new GatewaySettings(
        listeners,
        nextHop,
        identity,
        hopTls,
        hopAuthority,
        tls,
        hostname,
        face,
        strays,
        limits,
        timeouts,
        other);
  }
}
