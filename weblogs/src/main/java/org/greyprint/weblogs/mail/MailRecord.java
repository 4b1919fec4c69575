// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.util.Locale;

/**
 * What became of a message for one recipient.
 *
 * @param sender envelope sender, or nothing for a bounce
 * @param recipient envelope recipient, as the client gave it
 * @param client host or address the message came from; nothing if it is not known
 * @param next host it went to; nothing if it is not known
 * @param code 1 if it was delivered, else the reply code, or {@link #UNKNOWN}
 * @param size octets, or less than 0 if the log does not tell
 */
record MailRecord(
    String sender, String recipient, String client, String next, int code, long size) {
  /** AWStats' code for what was delivered. */
  static final int DELIVERED = 1;

  /** AWStats' code for a failure without a reply code. */
  static final int UNKNOWN = 999;

  /**
   * The fields after date and time, as {@code %email %email_r %host %host_r %method %url %code
   * %bytesd}: each without a blank, and none empty.
   */
  String fields() {
    String from = address(sender);
    String source = host(client);
    if (source.isEmpty()) {
      source = sender.isEmpty() ? "localhost" : sender.substring(sender.lastIndexOf('@') + 1);
      source = field(source.toLowerCase(Locale.ROOT));
    }
    String target = host(next);
    return from
        + " "
        + address(recipient)
        + " "
        + (source.isEmpty() ? "localhost" : source)
        + " "
        + (target.isEmpty() ? "-" : target)
        + " SMTP - "
        + code
        + " "
        + (size < 0 ? "?" : String.valueOf(size));
  }

  private static String address(String address) {
    String text = field(address.replaceAll("[#<|>\\[\\]]", ""));
    return text.isEmpty() ? "<>" : text;
  }

  /**
   * {@code host[192.0.2.1]:25} and {@code host [192.0.2.1]} are the host; {@code
   * unknown[192.0.2.1]} and {@code [192.0.2.1]} the address.
   */
  private static String host(String text) {
    String host = text.strip();
    int bracket = host.indexOf('[');
    int end = host.indexOf(']', bracket + 1);
    if (bracket >= 0) {
      String name = host.substring(0, bracket).strip();
      boolean known = !name.isEmpty() && !name.equals("unknown");
      host = known || end < 0 ? name : host.substring(bracket + 1, end);
    }
    host = host.substring(host.lastIndexOf('@') + 1);
    if (host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    return host.equals("local") || host.equals("localhost.localdomain") ? "localhost" : field(host);
  }

  /** One field of a line: blanks and control characters do not end it. */
  private static String field(String text) {
    StringBuilder safe = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == ' ') {
        safe.append("%20");
      } else {
        safe.append(c < ' ' || c == 0x7f ? '?' : c);
      }
    }
    return safe.toString();
  }
}
