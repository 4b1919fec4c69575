// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.nio.file.Path;
import java.util.Optional;

/** Where the gateway's mail goes. */
public sealed interface NextHop {
  /**
   * A mail server.
   *
   * @param host its name or address
   * @param port its port
   * @param tls whether TLS is spoken from the first octet on (RFC 8314)
   */
  record Smtp(String host, int port, boolean tls) implements NextHop {
    @Override
    public String toString() {
      String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
      return (tls ? "smtps://" : "smtp://") + shown + ":" + port;
    }
  }

  /** A server of LMTP (RFC 2033) on a UNIX socket. */
  record Lmtp(Path socket) implements NextHop {
    @Override
    public String toString() {
      return "lmtp:unix:" + socket;
    }
  }

  /** A Maildir, made where it is missing, for the mail of every recipient. */
  record Maildir(Path folder) implements NextHop {
    @Override
    public String toString() {
      return "maildir:" + folder;
    }
  }

  /**
   * Reads {@code smtp://host[:port]} (25), {@code smtps://host[:port]} (465), {@code
   * lmtp:unix:/path} or {@code maildir:path}; an IPv6 address stands in brackets.
   *
   * @return empty if it is none of these
   */
  static Optional<NextHop> parse(String text) {
    if (text.startsWith("maildir:") && text.length() > 8) {
      return Optional.of(new Maildir(Path.of(text.substring(8))));
    }
    if (text.startsWith("lmtp:unix:/") && text.length() < 118) {
      return Optional.of(new Lmtp(Path.of(text.substring(10))));
    }
    boolean tls = text.startsWith("smtps://");
    if (!tls && !text.startsWith("smtp://")) {
      return Optional.empty();
    }
    String rest = text.substring(tls ? 8 : 7);
    int bracket = rest.indexOf(']');
    int colon = rest.indexOf(':', Math.max(bracket, 0));
    String host = colon < 0 ? rest : rest.substring(0, colon);
    String port = colon < 0 ? tls ? "465" : "25" : rest.substring(colon + 1);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    }
    if (host.isEmpty() || host.matches(".*[\\s/\\[\\]@].*") || !port.matches("\\d{1,5}")) {
      return Optional.empty();
    }
    int number = Integer.parseInt(port);
    return number >= 1 && number <= 65535
        ? Optional.of(new Smtp(host, number, tls))
        : Optional.empty();
  }
}
