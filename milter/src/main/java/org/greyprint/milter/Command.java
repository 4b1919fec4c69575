// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an MTA tells its filter. Strings hold the octets of the wire as ISO 8859-1, so nothing is
 * lost where a client sends raw 8-bit or UTF-8; {@link Text#utf8} reads the latter.
 */
public sealed interface Command extends Parsed {
  /**
   * The MTA's offer, the first frame of each connection.
   *
   * @param version of the protocol, 2 to 6 where it is known here
   * @param actions what the filter may do, {@link Actions}
   * @param steps what the MTA can leave out, {@link Steps}
   */
  record Negotiate(int version, int actions, int steps) implements Command {}

  /**
   * Macros for the command that follows. They replace the stage's earlier ones.
   *
   * @param stage the command byte they belong to, 0 to 255
   * @param values by name, without braces around it, in the order of the wire
   */
  record Macros(int stage, Map<String, String> values) implements Command {}

  /**
   * A client connected.
   *
   * @param host the name the MTA verified, or its address in brackets, or "unknown"
   * @param family '4', '6', 'L' (UNIX socket) or 'U' (unknown)
   * @param port the client's source port, 0 where the MTA does not know it
   * @param address as the MTA wrote it; "" for the unknown family
   */
  record Connect(String host, char family, int port, String address) implements Command {
    /** The client's address, IPv4-mapped ones made IPv4; empty where it is no IP address. */
    public Optional<InetAddress> ip() {
      return family == '4' || family == '6' ? Addresses.parse(address) : Optional.empty();
    }
  }

  /** HELO or EHLO; comes again after STARTTLS. */
  record Helo(String name) implements Command {}

  /**
   * MAIL FROM.
   *
   * @param sender as the client gave it, usually in angle brackets
   * @param arguments ESMTP arguments, e.g. SIZE=1000
   */
  record Mail(String sender, List<String> arguments) implements Command {}

  /**
   * RCPT TO.
   *
   * @param recipient as the client gave it, usually in angle brackets
   * @param arguments ESMTP arguments
   */
  record Rcpt(String recipient, List<String> arguments) implements Command {}

  record Data() implements Command {}

  /** A header field; a folded value's lines are joined by LF. */
  record Header(String name, String value) implements Command {}

  record EndOfHeaders() implements Command {}

  /** A piece of the body, at most some 64 kB, lines ended by CRLF. */
  record Body(ByteBuffer chunk) implements Command {}

  /** The message is whole; {@code chunk} is its last piece, which is mostly empty. */
  record EndOfMessage(ByteBuffer chunk) implements Command {}

  /** The message is given up, the connection stays. */
  record Abort() implements Command {}

  record Quit() implements Command {}

  /** The SMTP connection ends and another follows on the same milter connection. */
  record QuitNewConnection() implements Command {}

  /** An SMTP command that the MTA does not know. */
  record Unknown(String line) implements Command {}
}
