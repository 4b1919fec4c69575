// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.greyprint.milter.Text;

/**
 * A request of Postfix's policy delegation protocol: lines of {@code name=value}, and an empty one.
 *
 * <p>Source: Postfix, SMTPD_POLICY_README.
 */
record PolicyRequest(Map<String, String> attributes) {
  /** What a stream's next octets are. */
  sealed interface Read {
    /** The request is not whole yet. */
    record Partial() implements Read {}

    record Whole(PolicyRequest request) implements Read {}

    /** No request; the connection cannot go on. */
    record Bad(String problem) implements Read {}
  }

  private static final Read PARTIAL = new Read.Partial();

  /**
   * Reads the request at the buffer's reader index, which moves only past a whole one. Never
   * throws. Of an attribute that comes twice the last counts.
   *
   * @param from how many octets were looked at before, and hold no end
   */
  static Read read(ByteBuf in, int from) {
    int start = in.readerIndex();
    int end = end(in, Math.max(start, start + from - 2));
    if (end < 0) {
      return in.readableBytes() > PolicySettings.MAX_REQUEST
          ? new Read.Bad("a request of more than " + PolicySettings.MAX_REQUEST + " octets")
          : partial(in);
    }
    if (end - start > PolicySettings.MAX_REQUEST) {
      return new Read.Bad("a request of " + (end - start) + " octets");
    }
    Map<String, String> attributes = HashMap.newHashMap(40);
    int at = start;
    while (at < end) {
      int newline = in.indexOf(at, end + 1, (byte) '\n');
      int length = newline - at;
      if (length > PolicySettings.MAX_LINE) {
        return new Read.Bad("a line of " + length + " octets");
      }
      int equals = in.indexOf(at, newline, (byte) '=');
      if (equals < 0) {
        return new Read.Bad("a line without '='");
      }
      if (equals - at > PolicySettings.MAX_NAME || equals == at) {
        return new Read.Bad("a name of " + (equals - at) + " octets");
      }
      if (in.indexOf(at, newline, (byte) 0) >= 0) {
        return new Read.Bad("a NUL");
      }
      if (attributes.size() >= PolicySettings.MAX_ATTRIBUTES) {
        return new Read.Bad("more than " + PolicySettings.MAX_ATTRIBUTES + " attributes");
      }
      attributes.put(
          in.toString(at, equals - at, StandardCharsets.ISO_8859_1),
          Text.utf8(in.toString(equals + 1, newline - equals - 1, StandardCharsets.ISO_8859_1)));
      at = newline + 1;
    }
    in.readerIndex(end + 1);
    return new Read.Whole(new PolicyRequest(attributes));
  }

  /** The index of the LF that is an empty line, looking from an index on; -1 if there is none. */
  private static int end(ByteBuf in, int from) {
    if (in.isReadable() && in.getByte(in.readerIndex()) == '\n') {
      return in.readerIndex();
    }
    for (int at = from; ; at++) {
      at = in.indexOf(at, in.writerIndex(), (byte) '\n');
      if (at < 0 || at + 1 >= in.writerIndex()) {
        return -1;
      }
      if (in.getByte(at + 1) == '\n') {
        return at + 1;
      }
    }
  }

  /** A line that is too long already need not be waited for. */
  private static Read partial(ByteBuf in) {
    int line = 0;
    for (int at = in.writerIndex() - 1; at >= in.readerIndex(); at--, line++) {
      if (in.getByte(at) == '\n') {
        break;
      }
      if (line > PolicySettings.MAX_LINE) {
        return new Read.Bad("a line of more than " + PolicySettings.MAX_LINE + " octets");
      }
    }
    return PARTIAL;
  }

  /** An attribute's value; "" where it is absent. */
  String get(String name) {
    return attributes.getOrDefault(name, "");
  }

  /** Whether this is what the service answers. */
  boolean isAccessPolicy() {
    return get("request").equals("smtpd_access_policy");
  }

  /** A name that Postfix gives as {@code unknown} where it has none. */
  String name(String attribute) {
    String value = get(attribute);
    return value.equals("unknown") ? "" : value;
  }

  /**
   * The client's source port: 0 where the asker does not tell ports at all (Exim, Postfix before
   * 3.0), empty where it tells that this one is not known.
   */
  Optional<Integer> clientPort() {
    String port = get("client_port");
    if (port.isEmpty()) {
      return Optional.of(0);
    }
    int number = port(port);
    return number == 0 ? Optional.empty() : Optional.of(number);
  }

  /** A port number, or 0. */
  static int port(String text) {
    if (!text.matches("\\d{1,5}")) {
      return 0;
    }
    int number = Integer.parseInt(text);
    return number <= 65535 ? number : 0;
  }

  /** A size in octets, or 0. */
  long size() {
    String text = get("size");
    return text.matches("\\d{1,18}") ? Long.parseLong(text) : 0;
  }
}
