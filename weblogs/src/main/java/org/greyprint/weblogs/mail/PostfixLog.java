// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Postfix, from 2.0 to 3.10, under any {@code syslog_name} ({@code postfix/submission/smtpd},
 * {@code postfix-in/smtpd}).
 *
 * <p>Counted are deliveries, bounces, messages that expired, and rejections; a try that is deferred
 * is not. A message handed to a content filter of the same host, and back, is counted once, with
 * the client it came from at first.
 */
final class PostfixLog implements MailLog {
  private static final Set<String> PROGRAMS =
      Set.of(
          "smtpd",
          "smtp",
          "lmtp",
          "local",
          "virtual",
          "pipe",
          "qmgr",
          "nqmgr",
          "cleanup",
          "pickup",
          "postscreen",
          "error",
          "retry",
          "discard");
  private static final Pattern QUEUED = Pattern.compile("^([0-9A-Za-z]{5,20}): (.*)$");
  private static final Pattern FROM = Pattern.compile("from=<(.*?)>(?:, | |$)");
  private static final Pattern TO = Pattern.compile("(?:^|[ ,])to=<(.*?)>(?:, | |$)");
  private static final Pattern ORIGINAL = Pattern.compile(", orig_to=<(.*?)>,");
  private static final Pattern SIZE = Pattern.compile(", size=(\\d+)");
  private static final Pattern RELAY = Pattern.compile(", relay=([^,]*),");
  private static final Pattern STATUS =
      Pattern.compile(", status=(sent|bounced|deferred|expired|undeliverable|deliverable)\\b(.*)$");
  private static final Pattern ORIGINAL_CLIENT = Pattern.compile(", orig_client=([^,]+)");
  private static final Pattern REJECT =
      Pattern.compile("^(?:milter-)?reject: (\\S+) from ([^\\s;]+): (.*)$");
  private static final Pattern CODE = Pattern.compile("^(\\d{3})\\b");
  private static final Pattern ENHANCED = Pattern.compile("^([45])\\.\\d+\\.\\d+\\b");
  private static final Pattern SAID =
      Pattern.compile("(?:said|refused to talk to me): (\\d{3})[ -]");

  private final Messages messages;

  PostfixLog(Messages messages) {
    this.messages = messages;
  }

  @Override
  public boolean takes(String program) {
    int slash = program.lastIndexOf('/');
    return slash > 0 && PROGRAMS.contains(program.substring(slash + 1));
  }

  @Override
  public void entry(Entry entry, Consumer<MailRecord> out) {
    int slash = entry.program().indexOf('/');
    String queue = entry.host() + " " + entry.program().substring(0, slash);
    String program = entry.program().substring(entry.program().lastIndexOf('/') + 1);
    String text = entry.text();
    if (text.startsWith("NOQUEUE: ")) {
      reject(text.substring("NOQUEUE: ".length()), new Message(), out);
      return;
    }
    if (text.startsWith("reject: ")) {
      // Before 2.1 there was no word for a message without a queue file.
      reject(text, new Message(), out);
      return;
    }
    Matcher queued = QUEUED.matcher(text);
    if (!queued.matches()) {
      return;
    }
    String id = queued.group(1);
    String rest = queued.group(2);
    if (rest.equals("removed")) {
      messages.remove(queue, id);
      return;
    }
    Message message = messages.get(queue, id);
    switch (program) {
      case "smtpd" -> {
        if (rest.startsWith("client=")) {
          client(rest, message);
        } else {
          reject(rest, message, out);
        }
      }
      case "pickup" -> message.client = "localhost";
      case "cleanup" -> {
        if (rest.startsWith("message-id=")) {
          messageId(entry.host(), rest.substring("message-id=".length()), message);
        } else {
          reject(rest, message, out);
        }
      }
      case "qmgr", "nqmgr" -> queue(rest, message, out);
      default -> delivery(rest, message, out);
    }
  }

  private static void client(String text, Message message) {
    Matcher original = ORIGINAL_CLIENT.matcher(text);
    int comma = text.indexOf(',');
    String client = text.substring("client=".length(), comma < 0 ? text.length() : comma);
    message.returned = isLoopback(client);
    message.client = original.find() ? original.group(1) : client;
  }

  private void messageId(String host, String messageId, Message message) {
    if (messageId.length() < 3) {
      return;
    }
    Message first = messages.first(host, messageId, message);
    if (message.returned && !first.client.isEmpty() && isLoopback(message.client)) {
      message.client = first.client;
    }
  }

  private static boolean isLoopback(String host) {
    return host.contains("[127.") || host.contains("[::1]");
  }

  private static void queue(String text, Message message, Consumer<MailRecord> out) {
    Matcher from = FROM.matcher(text);
    if (from.find()) {
      message.sender = from.group(1);
    }
    Matcher size = SIZE.matcher(text);
    if (size.find()) {
      message.size = Long.parseLong(shortened(size.group(1)));
    }
    if (text.contains("status=expired") || text.contains("status=force-expired")) {
      for (String recipient : message.waiting()) {
        out.accept(message.record(recipient, "", MailRecord.UNKNOWN));
      }
      message.waiting().clear();
    }
  }

  private static String shortened(String digits) {
    return digits.length() > 18 ? digits.substring(0, 18) : digits;
  }

  private static void delivery(String text, Message message, Consumer<MailRecord> out) {
    Matcher to = TO.matcher(text);
    Matcher status = STATUS.matcher(text);
    if (!to.find() || !status.find()) {
      return;
    }
    Matcher original = ORIGINAL.matcher(text);
    String recipient = original.find() ? original.group(1) : to.group(1);
    Matcher relay = RELAY.matcher(text);
    String next = relay.find() ? relay.group(1) : "";
    String said = status.group(2);
    switch (status.group(1)) {
      case "sent" -> {
        message.done(recipient);
        if (!handedOn(next, said)) {
          out.accept(message.record(recipient, next, MailRecord.DELIVERED));
        }
      }
      case "bounced" -> {
        message.done(recipient);
        out.accept(message.record(recipient, next, reply(said)));
      }
      case "deferred" -> message.waits(recipient);
      default -> {
        // Address probes are no mail.
      }
    }
  }

  /** To another queue entry of this host, where it is counted. */
  private static boolean handedOn(String next, String said) {
    return said.contains("(forwarded as ") || (isLoopback(next) && said.contains("queued as "));
  }

  private static int reply(String said) {
    Matcher code = SAID.matcher(said);
    return code.find() ? Integer.parseInt(code.group(1)) : MailRecord.UNKNOWN;
  }

  private static void reject(String text, Message message, Consumer<MailRecord> out) {
    Matcher reject = REJECT.matcher(text);
    if (!reject.matches()) {
      return;
    }
    String reason = reject.group(3);
    int end = Math.max(reason.lastIndexOf("; from=<"), reason.lastIndexOf("; proto="));
    String envelope = reason;
    int start = reason.indexOf("; from=<");
    if (start >= 0) {
      envelope = reason.substring(start + 2);
    } else if (end < 0) {
      return;
    }
    Matcher from = FROM.matcher(envelope);
    if (!from.find()) {
      // Refused before a sender was named: a connection, no mail.
      return;
    }
    Matcher to = TO.matcher(envelope);
    Matcher code = CODE.matcher(reason);
    Matcher enhanced = ENHANCED.matcher(reason);
    int number = MailRecord.UNKNOWN;
    if (code.find()) {
      number = Integer.parseInt(code.group(1));
    } else if (enhanced.find()) {
      number = enhanced.group(1).equals("4") ? 451 : 550;
    }
    String client = reject.group(2);
    out.accept(
        new MailRecord(
            from.group(1),
            to.find() ? to.group(1) : "",
            message.client.isEmpty() ? client : message.client,
            "",
            number,
            message.size));
  }
}
