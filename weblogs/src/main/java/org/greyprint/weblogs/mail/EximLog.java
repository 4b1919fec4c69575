// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Exim 4, its main log or what it writes to syslog; message ids of 16 characters, and of 23 since
 * 4.97. The specification's chapter "Log files" has the fields.
 */
final class EximLog implements MailLog {
  private static final Pattern QUEUED =
      Pattern.compile(
          "^([0-9A-Za-z]{6}-[0-9A-Za-z]{6}-[0-9A-Za-z]{2}|[0-9A-Za-z]{6}-[0-9A-Za-z]{11}-[0-9A-Za-z]{4})"
              + " (.*)$");
  private static final Pattern SIZE = Pattern.compile(" S=(\\d+)\\b");
  private static final Pattern HOST =
      Pattern.compile("(?:^| )H=(?:([^\\s(\\[]+) )?(?:\\([^)]*\\) )?\\[([^\\]]+)\\]");
  private static final Pattern SENDER = Pattern.compile(" F=<([^>]*)>");
  private static final Pattern REJECTED =
      Pattern.compile(
          " (temporarily )?rejected (RCPT|MAIL|DATA|after DATA|by local_scan\\(\\))\\b:? ?(.*)$");
  private static final Pattern IN_BRACKETS = Pattern.compile("<([^>]*)>");
  private static final Pattern CODE = Pattern.compile(": ([45]\\d\\d)[ -]");

  /** A piece of an entry that is too long for syslog, or has more than one line. */
  private static final Pattern PIECE = Pattern.compile("^\\[(\\d{1,6})[\\\\/]\\d{1,6}\\] ");

  private static final int MOST_HOSTS = 1000;

  private final Messages messages;

  /** What each host refused last, as long as it may come once more. */
  private final Map<String, String> refused = new HashMap<>();

  EximLog(Messages messages) {
    this.messages = messages;
  }

  @Override
  public boolean takes(String program) {
    return program.startsWith("exim");
  }

  @Override
  public void entry(Entry entry, Consumer<MailRecord> out) {
    String whole = entry.text();
    Matcher piece = PIECE.matcher(whole);
    if (piece.find()) {
      if (!piece.group(1).equals("1")) {
        // Mostly headers of a message that was refused, which its sender wrote.
        return;
      }
      whole = whole.substring(piece.end());
    }
    String text = Entry.withoutEximDate(whole);
    Matcher queued = QUEUED.matcher(text);
    if (!queued.matches()) {
      rejected(entry.host(), text, new Message(), out);
      return;
    }
    String id = queued.group(1);
    String rest = queued.group(2);
    String queue = entry.host() + " exim";
    if (rest.startsWith("Completed")) {
      messages.remove(queue, id);
      return;
    }
    Message message = messages.get(queue, id);
    if (rest.startsWith("<= ")) {
      arrival(rest.substring(3), message);
    } else if (rest.startsWith("=> ") || rest.startsWith("-> ") || rest.startsWith(">> ")) {
      String recipient = recipient(rest.substring(3));
      out.accept(message.record(recipient, next(rest), MailRecord.DELIVERED));
    } else if (rest.startsWith("** ")) {
      Matcher code = CODE.matcher(rest);
      out.accept(
          message.record(
              recipient(rest.substring(3)),
              next(rest),
              code.find() ? Integer.parseInt(code.group(1)) : MailRecord.UNKNOWN));
    } else {
      rejected(entry.host(), text, message, out);
    }
  }

  /**
   * Whether it is the second copy of a refusal: to syslog Exim writes what goes to its main log and
   * to its reject log twice (unless {@code syslog_duplication} is off).
   */
  private boolean again(String server, String text) {
    if (server.isEmpty()) {
      return false;
    }
    if (refused.remove(server, text)) {
      return true;
    }
    if (refused.size() == MOST_HOSTS) {
      refused.clear();
    }
    refused.put(server, text);
    return false;
  }

  private static void arrival(String text, Message message) {
    int blank = text.indexOf(' ');
    String sender = blank < 0 ? text : text.substring(0, blank);
    message.sender = sender.equals("<>") ? "" : sender;
    Matcher size = SIZE.matcher(text);
    if (size.find()) {
      String digits = size.group(1);
      message.size = Long.parseLong(digits.length() > 18 ? digits.substring(0, 18) : digits);
    }
    String host = host(text);
    message.client = host.isEmpty() ? "localhost" : host;
  }

  private static String host(String text) {
    Matcher host = HOST.matcher(text);
    if (!host.find()) {
      return "";
    }
    return host.group(1) == null ? host.group(2) : host.group(1);
  }

  private static String next(String text) {
    String host = host(text);
    return host.isEmpty() ? "localhost" : host;
  }

  /** {@code final <original>} is the original; else what stands there. */
  private static String recipient(String text) {
    int end = text.indexOf(" R=");
    String named = end < 0 ? text : text.substring(0, end);
    int fields = named.indexOf(" F=");
    if (fields >= 0) {
      named = named.substring(0, fields);
    }
    Matcher original = IN_BRACKETS.matcher(named);
    String last = "";
    while (original.find()) {
      last = original.group(1);
    }
    if (!last.isEmpty()) {
      return last;
    }
    int blank = named.indexOf(' ');
    String first = blank < 0 ? named : named.substring(0, blank);
    return first.endsWith(":") ? first.substring(0, first.length() - 1) : first;
  }

  private void rejected(String server, String text, Message message, Consumer<MailRecord> out) {
    Matcher rejected = REJECTED.matcher(text);
    if (!rejected.find() || again(server, text)) {
      return;
    }
    Matcher sender = SENDER.matcher(text);
    String what = rejected.group(2);
    Matcher address = IN_BRACKETS.matcher(rejected.group(3));
    String named = address.lookingAt() ? address.group(1) : "";
    String from = sender.find() ? sender.group(1) : message.sender;
    if (what.equals("MAIL") && from.isEmpty()) {
      from = named;
    }
    String host = host(text);
    out.accept(
        new MailRecord(
            from,
            what.equals("RCPT") ? named : "",
            host.isEmpty() ? message.client : host,
            "",
            rejected.group(1) == null ? 550 : 451,
            message.size));
  }
}
