// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.regex.Pattern;
import org.greyprint.decision.Decision;

/** Texts that the gateway writes. */
final class Texts {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("EEE, d MMM yyyy HH:mm:ss '+0000'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private static final Pattern UNPRINTABLE = Pattern.compile("[^ -~]");
  private static final Pattern UNFIT = Pattern.compile("[^!-'*-~]");

  /** A date is written for many messages of one second. */
  private record Written(long second, String text) {}

  private static volatile Written last = new Written(-1, "");

  private Texts() {}

  private static String date(Instant now) {
    Written known = last;
    long second = now.getEpochSecond();
    if (known.second() != second) {
      known = new Written(second, DATE.format(now));
      last = known;
    }
    return known.text();
  }

  /** What a deferred sender is told. */
  static String deferral(Decision decision, Duration retryAfter, GatewaySettings settings) {
    long seconds = Math.max(1, retryAfter.plusNanos(999_999_999).toSeconds());
    String text = "Greylisted, retry in " + seconds + (seconds == 1 ? " second" : " seconds");
    return settings.face().idInReply() ? text + " (id " + decision.id() + ")" : text;
  }

  /** One line of printable ASCII of at most 400 characters. */
  static String plain(String text) {
    String line = UNPRINTABLE.matcher(text).replaceAll("?");
    return line.isBlank() ? "Refused" : line.substring(0, Math.min(line.length(), 400));
  }

  /**
   * What final delivery notes of the envelope: {@code Return-Path} (RFC 5321, 4.4), and a {@code
   * Delivered-To} for each recipient, since one Maildir holds the mail of all.
   */
  static void envelope(Transaction current, StringBuilder out) {
    out.append("Return-Path: <").append(octets(current.sender)).append(">\r\n");
    for (String line : current.recipients) {
      String address = Command.of(line, false).path("TO:").map(Command.Path::address).orElse("");
      out.append("Delivered-To: ").append(octets(address)).append("\r\n");
    }
  }

  /** UTF-8 as its octets, each a character. */
  private static String octets(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** A trace header (RFC 5321, 4.4), with CRLF. */
  static String received(
      Caller caller, String hostname, String id, String tls, boolean login, Instant now) {
    String address = caller.client().getAddress().getHostAddress();
    boolean six = caller.client().getAddress() instanceof Inet6Address;
    String helo = UNFIT.matcher(caller.helo()).replaceAll("?");
    String with =
        (caller.extended() ? "ESMTP" : "SMTP")
            + (tls.isEmpty() || !caller.extended() ? "" : "S")
            + (login && caller.extended() ? "A" : "");
    return "Received: from "
        + helo
        + " (["
        + (six ? "IPv6:" : "")
        + address
        + "])\r\n\tby "
        + hostname
        + " (Greyprint) with "
        + with
        + " id "
        + id
        + ";\r\n\t"
        + date(now)
        + "\r\n";
  }
}
