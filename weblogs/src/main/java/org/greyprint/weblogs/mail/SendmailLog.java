// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sendmail 8: {@code sendmail}, {@code sm-mta}, {@code sm-msp-queue}.
 *
 * <p>A line {@code to=} of several recipients gives a record for each. The sender is that of the
 * line {@code from=}; {@code ctladdr} is who a delivery is done as, which for an alias is no
 * sender. What a submission program hands to the daemon of its host is counted there.
 */
final class SendmailLog implements MailLog {
  private static final Pattern QUEUED = Pattern.compile("^([0-9A-Za-z]{8,20}): (.*)$");
  private static final Pattern FROM = Pattern.compile("^from=(.*?), size=(\\d+)");
  private static final Pattern RELAY = Pattern.compile(", relay=([^,]*?)(?:,|$)");
  private static final Pattern TO =
      Pattern.compile("^to=(.*?), (?:ctladdr=|delay=|xdelay=|mailer=|pri=|relay=|dsn=|stat=)");
  private static final Pattern STATUS = Pattern.compile(", stat=(.*)$");
  private static final Pattern RULESET =
      Pattern.compile(
          "^ruleset=(\\w+), arg1=(.*?)(?:, arg2=.*?)?, relay=(.*?), reject=(\\d{3}\\b)?.*$");
  private static final Pattern MILTER =
      Pattern.compile(
          "^Milter(?: \\(.*?\\))?: (?:to=(.*?), |from=(.*?), |\\w+, )?reject=(\\d{3}\\b)?.*$");
  private static final Pattern LEADING_CODE = Pattern.compile("(?:^|\\s)([45]\\d\\d)\\s");

  private final Messages messages;

  SendmailLog(Messages messages) {
    this.messages = messages;
  }

  @Override
  public boolean takes(String program) {
    return program.startsWith("sendmail") || program.startsWith("sm-");
  }

  @Override
  public void entry(Entry entry, Consumer<MailRecord> out) {
    Matcher queued = QUEUED.matcher(entry.text());
    if (!queued.matches()) {
      ruleset(entry.text(), new Message(), out);
      return;
    }
    // A message's id is the same in the program that took it and in the one that works the queue.
    String queue = entry.host() + " sendmail";
    String text = queued.group(2);
    Message message = messages.get(queue, queued.group(1));
    if (text.startsWith("from=")) {
      from(text, message);
    } else if (text.startsWith("to=")) {
      to(text, message, out);
    } else if (text.startsWith("Milter")) {
      milter(text, message, out);
    } else {
      ruleset(text, message, out);
    }
  }

  private static void from(String text, Message message) {
    Matcher from = FROM.matcher(text);
    if (!from.find()) {
      return;
    }
    message.sender = bare(from.group(1));
    String digits = from.group(2);
    message.size = Long.parseLong(digits.length() > 18 ? digits.substring(0, 18) : digits);
    message.client = relay(text);
  }

  private static String relay(String text) {
    Matcher relay = RELAY.matcher(text);
    return relay.find() ? relay.group(1) : "";
  }

  private static String bare(String address) {
    String text = address.strip();
    return text.startsWith("<") && text.endsWith(">") ? text.substring(1, text.length() - 1) : text;
  }

  private static void to(String text, Message message, Consumer<MailRecord> out) {
    Matcher to = TO.matcher(text);
    Matcher status = STATUS.matcher(text);
    if (!to.find() || !status.find()) {
      return;
    }
    String stat = status.group(1);
    int code = code(stat);
    if (code == 0) {
      return;
    }
    String next = relay(text);
    if (next.isEmpty() && text.contains(", mailer=local")) {
      next = "localhost";
    }
    boolean loopback = next.contains("[127.") || next.contains("[IPv6:::1]");
    if (code == MailRecord.DELIVERED
        && loopback
        && stat.contains("Message accepted for delivery")) {
      return;
    }
    for (String recipient : recipients(to.group(1), text)) {
      out.accept(message.record(recipient, next, code));
    }
  }

  /** 0 where nothing is decided yet. */
  private static int code(String stat) {
    if (stat.startsWith("Sent")) {
      return MailRecord.DELIVERED;
    }
    if (stat.startsWith("Deferred") || stat.startsWith("queued") || stat.startsWith("Queued")) {
      return 0;
    }
    if (stat.startsWith("User unknown")) {
      return 550;
    }
    if (stat.startsWith("Local configuration")) {
      return 451;
    }
    Matcher code = LEADING_CODE.matcher(stat);
    return code.find() ? Integer.parseInt(code.group(1)) : MailRecord.UNKNOWN;
  }

  /** Parts at commas that are not within angle brackets or quotes. */
  private static List<String> recipients(String list, String text) {
    List<String> found = new ArrayList<>();
    int depth = 0;
    boolean quoted = false;
    int start = 0;
    for (int i = 0; i <= list.length(); i++) {
      char c = i < list.length() ? list.charAt(i) : ',';
      if (c == '"') {
        quoted = !quoted;
      } else if (c == '<') {
        depth++;
      } else if (c == '>') {
        depth = Math.max(0, depth - 1);
      }
      if (i == list.length() || (c == ',' && depth == 0 && !quoted)) {
        String recipient = bare(list.substring(start, i));
        if (!recipient.isEmpty()) {
          found.add(recipient);
        }
        start = i + 1;
      }
    }
    if (found.size() == 1 && found.getFirst().startsWith("|") || isPipe(list)) {
      // To a program: who it was for is the address that stands for it.
      Matcher control = Pattern.compile(", ctladdr=([^,\\s]+)").matcher(text);
      if (control.find()) {
        return List.of(bare(control.group(1)));
      }
    }
    return found;
  }

  private static boolean isPipe(String list) {
    return list.startsWith("\"|");
  }

  private static void ruleset(String text, Message message, Consumer<MailRecord> out) {
    Matcher rule = RULESET.matcher(text);
    if (!rule.matches()) {
      return;
    }
    String sender = message.sender;
    String recipient = "";
    switch (rule.group(1)) {
      case "check_mail" -> sender = bare(rule.group(2));
      case "check_rcpt" -> recipient = bare(rule.group(2));
      default -> {}
    }
    message.sender = sender;
    out.accept(
        new MailRecord(sender, recipient, rule.group(3), "", number(rule.group(4)), message.size));
  }

  private static void milter(String text, Message message, Consumer<MailRecord> out) {
    Matcher milter = MILTER.matcher(text);
    if (!milter.matches()) {
      return;
    }
    String to = milter.group(1);
    String from = milter.group(2);
    out.accept(
        new MailRecord(
            from == null ? message.sender : bare(from),
            to == null ? "" : bare(to),
            message.client,
            "",
            number(milter.group(3)),
            message.size));
  }

  private static int number(@org.jspecify.annotations.Nullable String code) {
    return code == null ? MailRecord.UNKNOWN : Integer.parseInt(code);
  }
}
