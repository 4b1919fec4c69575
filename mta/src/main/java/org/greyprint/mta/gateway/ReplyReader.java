// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads a next hop's replies: {@code 250-text}, {@code 250 text} or {@code 250} alone, lines ended
 * by CRLF or LF. Bounded: lines of {@value #MAX_LINE} octets, replies of {@value #MAX_LINES} lines.
 */
final class ReplyReader {
  static final int MAX_LINE = 2048;
  static final int MAX_LINES = 128;

  /** What the next octets are. */
  sealed interface Read {
    /** The reply is not whole yet. */
    record Partial() implements Read {}

    record Whole(Reply reply) implements Read {}

    /** No reply; the connection cannot go on. */
    record Bad(String problem) implements Read {}
  }

  private static final Read PARTIAL = new Read.Partial();

  private final List<String> lines = new ArrayList<>(1);
  private int code;

  /** Takes lines from the buffer up to the end of one reply. */
  Read next(ByteBuf in) {
    while (true) {
      int start = in.readerIndex();
      int lf = in.indexOf(start, Math.min(in.writerIndex(), start + MAX_LINE), (byte) '\n');
      if (lf < 0) {
        return in.readableBytes() >= MAX_LINE ? bad("a line too long") : PARTIAL;
      }
      int end = lf > start && in.getByte(lf - 1) == '\r' ? lf - 1 : lf;
      String line = in.toString(start, end - start, StandardCharsets.ISO_8859_1);
      in.readerIndex(lf + 1);
      if (!wellFormed(line)) {
        return bad("something that is no SMTP reply");
      }
      int number = Integer.parseInt(line, 0, 3, 10);
      if (!lines.isEmpty() && number != code) {
        return bad("a reply of several codes");
      }
      code = number;
      lines.add(line.length() > 4 ? clean(line.substring(4)) : "");
      if (line.length() == 3 || line.charAt(3) == ' ') {
        Reply whole = new Reply(code, List.copyOf(lines));
        lines.clear();
        return new Read.Whole(whole);
      }
      if (lines.size() >= MAX_LINES) {
        return bad("a reply of too many lines");
      }
    }
  }

  private static boolean wellFormed(String line) {
    return line.length() >= 3
        && line.charAt(0) >= '2'
        && line.charAt(0) <= '5'
        && digit(line.charAt(1))
        && digit(line.charAt(2))
        && (line.length() == 3 || line.charAt(3) == ' ' || line.charAt(3) == '-');
  }

  private static boolean digit(char c) {
    return c >= '0' && c <= '9';
  }

  /** Control characters would reach the client's parser. */
  private static String clean(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) == 0x7f) {
        return text.replaceAll("[\\x00-\\x1f\\x7f]", " ");
      }
    }
    return text;
  }

  private Read bad(String problem) {
    lines.clear();
    return new Read.Bad(problem);
  }
}
