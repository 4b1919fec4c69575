// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.Locale;
import java.util.Optional;

/**
 * A server as the administrator names it: {@code user@host:port}, {@code [v6]:port}.
 *
 * @param user the account to log in with
 * @param host a name or an address, without brackets
 * @param port 1 to 65535
 */
public record Address(String user, String host, int port) {
  /** The port of MySQL and MariaDB where none is given. */
  public static final int DEFAULT_PORT = 3306;

  /**
   * Reads {@code [user@]host[:port]}; the user is {@code root} and the port 3306 where left out.
   *
   * @return empty where the text is none of that form
   */
  public static Optional<Address> parse(String text) {
    int at = text.lastIndexOf('@');
    String user = at < 0 ? "root" : text.substring(0, at);
    String rest = text.substring(at + 1);
    String host;
    String port;
    if (rest.startsWith("[")) {
      int end = rest.indexOf(']');
      if (end < 0 || (end + 1 < rest.length() && rest.charAt(end + 1) != ':')) {
        return Optional.empty();
      }
      host = rest.substring(1, end);
      port = end + 1 < rest.length() ? rest.substring(end + 2) : "";
    } else {
      int colon = rest.indexOf(':');
      if (colon != rest.lastIndexOf(':')) {
        return Optional.empty();
      }
      host = colon < 0 ? rest : rest.substring(0, colon);
      port = colon < 0 ? "" : rest.substring(colon + 1);
      if (colon >= 0 && port.isEmpty()) {
        return Optional.empty();
      }
    }
    if (host.isEmpty() || user.isEmpty() || host.chars().anyMatch(c -> c <= ' ' || c == '\'')) {
      return Optional.empty();
    }
    try {
      int number = port.isEmpty() ? DEFAULT_PORT : Integer.parseInt(port);
      return number < 1 || number > 65535
          ? Optional.empty()
          : Optional.of(new Address(user, host.toLowerCase(Locale.ROOT), number));
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** The same server, another account. */
  public Address as(String other) {
    return new Address(other, host, port);
  }

  /** Without the account: {@code host:port}. */
  public String place() {
    return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
  }

  /** Whether the host is this machine by name or loopback address. */
  boolean isLoopback() {
    return host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
  }

  @Override
  public String toString() {
    return user + "@" + place();
  }
}
