// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** What a filter tells the MTA. Strings hold octets as ISO 8859-1. */
public sealed interface Reply {
  /** The answer to a command. */
  sealed interface Verdict extends Reply {}

  /** A change to the message, allowed at its end only, before the verdict. */
  sealed interface Modification extends Reply {}

  /** Go on. */
  record Continue() implements Verdict {}

  /** Take the message (at connect or HELO: all of the connection's) without asking further. */
  record Accept() implements Verdict {}

  /** Refuse with 550 5.7.1. */
  record Reject() implements Verdict {}

  /** Refuse for now with 451 4.7.1. */
  record Tempfail() implements Verdict {}

  /** Take the message and throw it away; not at connect or HELO. */
  record Discard() implements Verdict {}

  /** Send no more of this kind, where {@link Steps#SKIP} was agreed. */
  record Skip() implements Verdict {}

  /**
   * An SMTP reply of the filter's own words.
   *
   * @param code 400 to 599
   * @param enhanced an enhanced status code (RFC 3463) of the same class, or ""
   * @param lines at least one; made printable ASCII and cut to what a reply line may hold
   */
  record Code(int code, String enhanced, List<String> lines) implements Verdict {
    private static final Pattern ENHANCED = Pattern.compile("[45]\\.\\d{1,3}\\.\\d{1,3}");
    private static final int MAX_LINE = 470;
    private static final int MAX_LINES = 32;

    /**
     * @throws IllegalArgumentException if the code is no refusal, the enhanced code is none or of
     *     another class, or there is no line
     */
    public Code {
      if (code < 400 || code > 599) {
        throw new IllegalArgumentException("SMTP code " + code + " is not between 400 and 599");
      }
      if (!enhanced.isEmpty()
          && !(ENHANCED.matcher(enhanced).matches() && enhanced.charAt(0) - '0' == code / 100)) {
        throw new IllegalArgumentException("enhanced code '" + enhanced + "' with " + code);
      }
      if (lines.isEmpty()) {
        throw new IllegalArgumentException("a reply needs a text");
      }
      lines =
          lines.stream()
              .limit(MAX_LINES)
              .map(line -> Text.printable(line, MAX_LINE))
              .map(line -> line.isBlank() ? "Refused" : line)
              .toList();
    }

    /** A reply of one line. */
    public static Code of(int code, String enhanced, String text) {
      return new Code(code, enhanced, List.of(text));
    }

    /**
     * The text of the wire: each percent sign doubled, because MTAs take it for a format; lines
     * joined by CRLF, each with the code, a dash after it on all but the last.
     */
    String wire() {
      StringBuilder out = new StringBuilder();
      for (int i = 0; i < lines.size(); i++) {
        boolean last = i == lines.size() - 1;
        out.append(code).append(last ? ' ' : '-');
        if (!enhanced.isEmpty()) {
          out.append(enhanced).append(' ');
        }
        out.append(lines.get(i).replace("%", "%%")).append(last ? "" : "\r\n");
      }
      return out.toString();
    }
  }

  /** Appends a header field below all others. */
  record AddHeader(String name, String value) implements Modification {}

  /**
   * Inserts a header field.
   *
   * @param index 0 is above the MTA's own Received field, 1 directly below it
   */
  record InsertHeader(int index, String name, String value) implements Modification {}

  /**
   * Changes, or with an empty value removes, a header field.
   *
   * @param index which of the fields of that name, from 1
   */
  record ChangeHeader(int index, String name, String value) implements Modification {}

  /** Adds a recipient; {@code arguments} may be "". */
  record AddRecipient(String address, String arguments) implements Modification {}

  record DeleteRecipient(String address) implements Modification {}

  /** Changes the envelope sender; {@code arguments} may be "". */
  record ChangeSender(String address, String arguments) implements Modification {}

  /** Replaces the body; several in a row make one body. */
  record ReplaceBody(ByteBuffer chunk) implements Modification {}

  record Quarantine(String reason) implements Modification {}

  /** Asks the MTA for more time; may come before the verdict at the end of a message. */
  record Progress() implements Reply {}

  /**
   * The filter's part of the negotiation.
   *
   * @param macros wanted macros by {@link Stage#request()}, names separated by spaces
   */
  record Agreed(int version, int actions, int steps, Map<Integer, String> macros)
      implements Reply {}

  /**
   * Removes all {@code count} fields of a name. The order is from the highest to the lowest:
   * Postfix renumbers after each removal and Sendmail does not, and so both remove the same.
   */
  static List<Modification> deleteHeaders(String name, int count) {
    List<Modification> changes = new ArrayList<>(count);
    for (int i = count; i >= 1; i--) {
      changes.add(new ChangeHeader(i, name, ""));
    }
    return changes;
  }
}
