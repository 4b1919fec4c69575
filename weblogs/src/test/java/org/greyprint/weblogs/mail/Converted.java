// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.StampContext;
import org.greyprint.weblogs.stamp.Stamps;

/** Lines of one log, converted; their instants are found as a merge finds them. */
final class Converted {
  private Converted() {}

  static List<String> syslog(String text) {
    return of(LogFormat.SYSLOG, ZoneOffset.UTC, ZoneOffset.UTC, "2026-12-31T00:00:00Z", text);
  }

  static List<String> iso(String text) {
    return of(LogFormat.ISO, ZoneOffset.UTC, ZoneOffset.UTC, "2026-12-31T00:00:00Z", text);
  }

  static List<String> of(
      LogFormat format, ZoneId source, ZoneId target, String written, String text) {
    List<String> records = new ArrayList<>();
    MailConverter converter =
        new MailConverter(
            target,
            (instant, from, buffer, offset, length) ->
                records.add(
                    new String(buffer, offset, length, StandardCharsets.ISO_8859_1)
                        .stripTrailing()));
    feed(converter, format, source, written, text);
    return records;
  }

  static void feed(
      MailConverter converter, LogFormat format, ZoneId source, String written, String text) {
    Stamps stamps = format.stamps(new StampContext(() -> source, Instant.parse(written)));
    long last = Stamps.NONE;
    try {
      for (String line : text.split("\n")) {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.ISO_8859_1);
        long instant = stamps.find(bytes, 0, bytes.length);
        last = instant == Stamps.NONE ? last : instant;
        converter.line(last, 0, bytes, 0, bytes.length);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
