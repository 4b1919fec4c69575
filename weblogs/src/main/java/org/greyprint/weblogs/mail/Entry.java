// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import org.jspecify.annotations.Nullable;

/**
 * One line of a mail server's log, its stamp taken off.
 *
 * @param host who logged it; empty in Exim's own main log
 * @param program name without the process number; empty in Exim's own main log
 */
record Entry(String host, String program, String text) {

  /** Splits a line; null if it is none that a syslog or Exim writes. */
  static @Nullable Entry of(String line) {
    int at = 0;
    if (line.startsWith("<")) {
      int end = line.indexOf('>');
      if (end < 0 || end > 4) {
        return null;
      }
      at = end + 1;
    }
    if (line.startsWith("1 ", at) && at > 0) {
      return rfc5424(line, at + 2);
    }
    if (isIsoDate(line, at)) {
      return line.length() > at + 10 && line.charAt(at + 10) == ' '
          ? exim(line, at)
          : header(line, after(line, at, 1));
    }
    // Mmm dd HH:MM:SS host program[pid]: text
    if (line.length() > at + 16 && line.charAt(at + 3) == ' ' && line.charAt(at + 9) == ':') {
      return header(line, at + 16);
    }
    return null;
  }

  private static boolean isIsoDate(String line, int at) {
    return line.length() > at + 19
        && line.charAt(at + 4) == '-'
        && line.charAt(at + 7) == '-'
        && Character.isDigit(line.charAt(at))
        && line.charAt(at + 13) == ':';
  }

  /** The place after so many blanks. */
  private static int after(String line, int from, int blanks) {
    int at = from;
    for (int i = 0; i < blanks; i++) {
      int blank = line.indexOf(' ', at);
      if (blank < 0) {
        return line.length();
      }
      at = blank + 1;
    }
    return at;
  }

  /** {@code host program[pid]: text}. */
  private static @Nullable Entry header(String line, int from) {
    int host = line.indexOf(' ', from);
    if (host < 0) {
      return null;
    }
    int colon = line.indexOf(": ", host);
    if (colon < 0) {
      return null;
    }
    return new Entry(
        line.substring(from, host),
        program(line.substring(host + 1, colon)),
        line.substring(colon + 2));
  }

  private static String program(String tag) {
    int bracket = tag.indexOf('[');
    return (bracket < 0 ? tag : tag.substring(0, bracket)).strip();
  }

  /** {@code TIMESTAMP HOST APP PROCID MSGID SD TEXT}. */
  private static @Nullable Entry rfc5424(String line, int from) {
    int host = after(line, from, 1);
    int program = after(line, host, 1);
    int process = after(line, program, 1);
    int data = after(line, process, 2);
    if (data >= line.length()) {
      return null;
    }
    int text = line.charAt(data) == '[' ? line.indexOf("] ", data) + 2 : data + 2;
    if (text < data + 2 || text > line.length()) {
      return null;
    }
    return new Entry(
        line.substring(host, program - 1),
        program(line.substring(program, process - 1)),
        line.substring(text).replace("\uFEFF", "").replace("\u00ef\u00bb\u00bf", ""));
  }

  /** {@code 2026-03-01 12:00:00[.123] [+0100] [[pid]] text}. */
  private static Entry exim(String line, int from) {
    return new Entry("", "exim", withoutEximDate(line.substring(from)));
  }

  /** Exim writes its date before the text even where syslog has written one. */
  static String withoutEximDate(String line) {
    String text = line;
    if (!isIsoDate(text, 0) || text.charAt(10) != ' ') {
      return text;
    }
    text = text.substring(after(text, 11, 1));
    if (text.length() > 6
        && (text.charAt(0) == '+' || text.charAt(0) == '-')
        && Character.isDigit(text.charAt(1))
        && text.charAt(5) == ' ') {
      text = text.substring(6);
    }
    if (text.startsWith("[") && text.indexOf("] ") > 0 && Character.isDigit(text.charAt(1))) {
      text = text.substring(text.indexOf("] ") + 2);
    }
    return text;
  }
}
