// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;
import org.greyprint.milter.Text;
import org.jspecify.annotations.Nullable;

/**
 * A request of Postfix's policy delegation protocol: lines of {@code name=value}, and an empty one.
 * Only what decisions use is kept.
 *
 * <p>Source: Postfix, SMTPD_POLICY_README.
 */
final class PolicyRequest {
  /** What is kept; on the wire in lower case. */
  enum Attribute {
    REQUEST,
    PROTOCOL_STATE,
    CLIENT_ADDRESS,
    CLIENT_NAME,
    CLIENT_PORT,
    REVERSE_CLIENT_NAME,
    HELO_NAME,
    SENDER,
    RECIPIENT,
    INSTANCE,
    SIZE,
    SASL_USERNAME,
    ENCRYPTION_PROTOCOL,
    SERVER_PORT;

    private static final Attribute[] ALL = values();
    private static final byte[][] NAMES =
        Arrays.stream(ALL)
            .map(each -> each.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    /** By the length of the name. */
    private static final Attribute[][] BY_LENGTH =
        IntStream.rangeClosed(0, Arrays.stream(NAMES).mapToInt(each -> each.length).max().orElse(0))
            .mapToObj(length ->
                Arrays.stream(ALL)
                    .filter(each -> each.name().length() == length)
                    .toArray(Attribute[]::new))
            .toArray(Attribute[][]::new);

    /** The attribute whose name stands there, if it is one of these. */
    private static @Nullable Attribute named(byte[] octets, int from, int to) {
      if (to - from >= BY_LENGTH.length) {
        return null;
      }
      for (Attribute attribute : BY_LENGTH[to - from]) {
        byte[] name = NAMES[attribute.ordinal()];
        if (name[0] == octets[from] && Arrays.equals(name, 0, name.length, octets, from, to)) {
          return attribute;
        }
      }
      return null;
    }
  }

  /** What a stream's next octets are. */
  sealed interface Read {
    /** The request is not whole yet. */
    record Partial() implements Read {}

    record Whole(PolicyRequest request) implements Read {}

    /** No request; the connection cannot go on. */
    record Bad(String problem) implements Read {}
  }

  private static final Read PARTIAL = new Read.Partial();

  private final @Nullable String[] values;

  private PolicyRequest(@Nullable String[] values) {
    this.values = values;
  }

  /**
   * Reads the request at the buffer's reader index, which moves only past a whole one. Never
   * throws. Of an attribute that comes twice the last counts.
   *
   * @param from how many octets were looked at before, and hold no end
   */
  static Read read(ByteBuf in, int from) {
    int skipped = Math.max(0, from - 2);
    byte[] octets = octets(in, skipped);
    // As a rule the buffer has one request and its end, and that need not be looked for.
    if (skipped > 0 || !endsEmpty(octets)) {
      int found = end(octets, skipped == 0);
      if (found < 0) {
        return in.readableBytes() > PolicySettings.MAX_REQUEST
            ? new Read.Bad("a request of more than " + PolicySettings.MAX_REQUEST + " octets")
            : partial(in);
      }
      if (skipped > 0) {
        octets = octets(in, 0);
      }
    }
    @Nullable String[] values = new @Nullable String[Attribute.ALL.length];
    int lines = 0;
    int at = 0;
    int first = in.indexOf(in.readerIndex(), in.readerIndex() + octets.length, (byte) 0);
    int nul = first < 0 ? octets.length : first - in.readerIndex();
    while (octets[at] != '\n') {
      int equals = at;
      while (octets[equals] != '=' && octets[equals] != '\n') {
        equals++;
      }
      int newline = equals;
      // Negative if one of them is no ASCII.
      int signs = 0;
      while (octets[newline] != '\n') {
        signs |= octets[newline++];
      }
      Read problem = problem(at, equals < newline ? equals : -1, newline, nul < newline, ++lines);
      if (problem != null) {
        return problem;
      }
      Attribute attribute = Attribute.named(octets, at, equals);
      if (attribute != null) {
        values[attribute.ordinal()] = text(octets, equals + 1, newline, signs >= 0);
      }
      at = newline + 1;
    }
    if (at > PolicySettings.MAX_REQUEST) {
      return new Read.Bad("a request of " + at + " octets");
    }
    in.skipBytes(at + 1);
    return new Read.Whole(new PolicyRequest(values));
  }

  /** Whether an empty line is the last one. */
  private static boolean endsEmpty(byte[] octets) {
    int last = octets.length - 1;
    return last > 0 && octets[last] == '\n' && octets[last - 1] == '\n';
  }

  /** What can be a request's, from an offset on. */
  private static byte[] octets(ByteBuf in, int offset) {
    int count = Math.min(in.readableBytes(), PolicySettings.MAX_REQUEST + 2) - offset;
    byte[] octets = new byte[Math.max(0, count)];
    in.getBytes(in.readerIndex() + offset, octets);
    return octets;
  }

  private static @Nullable Read problem(int at, int equals, int newline, boolean nul, int lines) {
    if (newline - at > PolicySettings.MAX_LINE) {
      return new Read.Bad("a line of " + (newline - at) + " octets");
    }
    if (equals < 0) {
      return new Read.Bad("a line without '='");
    }
    if (equals - at > PolicySettings.MAX_NAME || equals == at) {
      return new Read.Bad("a name of " + (equals - at) + " octets");
    }
    if (nul) {
      return new Read.Bad("a NUL");
    }
    return lines > PolicySettings.MAX_ATTRIBUTES
        ? new Read.Bad("more than " + PolicySettings.MAX_ATTRIBUTES + " attributes")
        : null;
  }

  private static String text(byte[] octets, int from, int to, boolean ascii) {
    if (from == to) {
      return "";
    }
    String text = new String(octets, from, to - from, StandardCharsets.ISO_8859_1);
    return ascii ? text : Text.utf8(text);
  }

  /** The index of the LF that is an empty line; -1 if there is none. */
  private static int end(byte[] octets, boolean beginning) {
    if (beginning && octets.length > 0 && octets[0] == '\n') {
      return 0;
    }
    for (int at = 1; at < octets.length; at++) {
      if (octets[at] == '\n' && octets[at - 1] == '\n') {
        return at;
      }
    }
    return -1;
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
  String get(Attribute attribute) {
    String value = values[attribute.ordinal()];
    return value == null ? "" : value;
  }

  /** Whether this is what the service answers. */
  boolean isAccessPolicy() {
    return get(Attribute.REQUEST).equals("smtpd_access_policy");
  }

  /** A name that Postfix gives as {@code unknown} where it has none. */
  String name(Attribute attribute) {
    String value = get(attribute);
    return value.equals("unknown") ? "" : value;
  }

  /**
   * The client's source port: 0 where the asker does not tell ports at all (Exim, Postfix before
   * 3.0), empty where it tells that this one is not known.
   */
  Optional<Integer> clientPort() {
    String port = get(Attribute.CLIENT_PORT);
    if (port.isEmpty()) {
      return Optional.of(0);
    }
    int number = port(port);
    return number == 0 ? Optional.empty() : Optional.of(number);
  }

  /** The port the client came to, or 0. */
  int serverPort() {
    return port(get(Attribute.SERVER_PORT));
  }

  private static int port(String text) {
    long number = number(text, 5);
    return number <= 65535 ? (int) number : 0;
  }

  /** A size in octets, or 0. */
  long size() {
    return number(get(Attribute.SIZE), 18);
  }

  /** A decimal number of some digits at most; 0 if it is none. */
  private static long number(String text, int digits) {
    if (text.isEmpty() || text.length() > digits) {
      return 0;
    }
    long number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return 0;
      }
      number = number * 10 + digit;
    }
    return number;
  }
}
