// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * A command line.
 *
 * @param line the whole line without its end; characters are octets
 * @param verb its first word, in upper case
 * @param argument the rest, without blanks around it
 * @param bareLf whether the line was ended by LF alone
 */
record Command(String line, String verb, String argument, boolean bareLf) {
  /** A sender or recipient, and what follows it. */
  record Path(String address, String parameters) {}

  /**
   * Reads a line.
   *
   * @param lf the index of its LF
   * @return empty if it holds control characters; the buffer is read past the line in any case
   */
  static Optional<Command> read(ByteBuf in, int lf) {
    int start = in.readerIndex();
    boolean crlf = lf > start && in.getByte(lf - 1) == '\r';
    int end = crlf ? lf - 1 : lf;
    String line = in.toString(start, end - start, StandardCharsets.ISO_8859_1);
    in.readerIndex(lf + 1);
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if ((c < ' ' && c != '\t') || c == 0x7f) {
        return Optional.empty();
      }
    }
    return Optional.of(of(line, !crlf));
  }

  static Command of(String line, boolean bareLf) {
    int space = 0;
    while (space < line.length() && line.charAt(space) != ' ' && line.charAt(space) != '\t') {
      space++;
    }
    return new Command(
        line,
        line.substring(0, space).toUpperCase(Locale.ROOT),
        line.substring(space).strip(),
        bareLf);
  }

  /**
   * Reads {@code FROM:<path> parameters} or {@code TO:<path> parameters}; what is not quite right
   * is for the next hop to judge.
   *
   * @param keyword "FROM:" or "TO:"
   */
  Optional<Path> path(String keyword) {
    if (!argument.regionMatches(true, 0, keyword, 0, keyword.length())) {
      return Optional.empty();
    }
    String rest = argument.substring(keyword.length()).stripLeading();
    if (rest.isEmpty()) {
      return Optional.empty();
    }
    boolean angle = rest.charAt(0) == '<';
    int end = end(rest, angle);
    if (end < 0) {
      return Optional.empty();
    }
    String address = angle ? rest.substring(1, end) : rest.substring(0, end);
    if (address.startsWith("@") && address.indexOf(':') > 0) {
      address = address.substring(address.indexOf(':') + 1);
    }
    return Optional.of(
        new Path(
            new String(address.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8),
            rest.substring(angle ? end + 1 : end).strip()));
  }

  private static int end(String rest, boolean angle) {
    boolean quoted = false;
    for (int i = angle ? 1 : 0; i < rest.length(); i++) {
      char c = rest.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && c == (angle ? '>' : ' ')) {
        return i;
      }
    }
    return angle ? -1 : rest.length();
  }

  /** The value of a parameter of MAIL or RCPT; empty if it is not there. */
  static Optional<String> parameter(String parameters, String name) {
    for (String word : parameters.split(" ")) {
      int equals = word.indexOf('=');
      if ((equals < 0 ? word : word.substring(0, equals)).equalsIgnoreCase(name)) {
        return Optional.of(equals < 0 ? "" : word.substring(equals + 1));
      }
    }
    return Optional.empty();
  }

  /** A number that fits into a long without its sign, or 0. */
  static long number(String text) {
    if (text.isEmpty() || text.length() > 18) {
      return 0;
    }
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return 0;
      }
    }
    return Long.parseLong(text);
  }
}
