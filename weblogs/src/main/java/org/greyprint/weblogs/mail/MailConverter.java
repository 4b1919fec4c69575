// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import org.greyprint.weblogs.LineSink;
import org.greyprint.weblogs.stamp.Stamps;
import org.jspecify.annotations.Nullable;

/**
 * Makes AWStats' records of mail (LogType=M) from the merged logs of mail servers.
 *
 * <p>Lines of all hosts come in order of their instants; a message is known by host and queue id,
 * so that the lines of one host may stand in many files and between those of others. A record has
 * the instant of the line that decided it, so the output is in order too:
 *
 * <pre>2026-03-01 12:00:00 from to client next SMTP - code size</pre>
 *
 * which is LogFormat {@code "%time2 %email %email_r %host %host_r %method %url %code %bytesd"}.
 *
 * <p>DIAGNOSTICS. Lines that are no mail server's, or no syslog line, are counted and passed over.
 * Of a message whose beginning is not in the logs the sender is {@code <>} and the size {@code ?}.
 */
public final class MailConverter implements LineSink {
  /** Messages in queues that are remembered at a time: some 60 MB. */
  private static final int MOST = 200_000;

  private static final long SECOND = 1_000_000_000L;

  private final LineSink out;
  private final ZoneId zone;
  private final Messages messages;
  private final List<MailLog> logs;
  private final List<MailRecord> decided = new ArrayList<>();
  private long seconds = Long.MIN_VALUE;
  private String stamp = "";
  private boolean inside;
  private long lines;
  private long used;
  private long records;

  /**
   * @param zone the local time records are written in; with a zone that has no summer time, such as
   *     UTC, their digits never go backward
   * @param out takes the records, each with its line feed
   */
  public MailConverter(ZoneId zone, LineSink out) {
    this(zone, out, MOST);
  }

  MailConverter(ZoneId zone, LineSink out, int most) {
    this.zone = zone;
    this.out = out;
    this.messages = new Messages(most);
    this.logs = List.of(new PostfixLog(messages), new SendmailLog(messages), new EximLog(messages));
  }

  /**
   * What was read.
   *
   * @param lines lines in all
   * @param used those of a mail server that this program knows
   * @param records written
   * @param forgotten messages that left memory before the log told their end
   */
  public record Summary(long lines, long used, long records, long forgotten) {}

  @Override
  public void line(long instant, int source, byte[] buffer, int offset, int length)
      throws IOException {
    boolean start = !inside;
    inside = length > 0 && buffer[offset + length - 1] != '\n';
    if (!start) {
      return;
    }
    lines++;
    if (instant == Stamps.NONE) {
      return;
    }
    int end = offset + length;
    while (end > offset && (buffer[end - 1] == '\n' || buffer[end - 1] == '\r')) {
      end--;
    }
    Entry entry = Entry.of(new String(buffer, offset, end - offset, StandardCharsets.ISO_8859_1));
    MailLog log = entry == null ? null : log(entry.program());
    if (entry == null || log == null) {
      return;
    }
    used++;
    log.entry(entry, decided::add);
    for (MailRecord record : decided) {
      write(instant, source, record);
    }
    decided.clear();
  }

  private @Nullable MailLog log(String program) {
    for (MailLog log : logs) {
      if (log.takes(program)) {
        return log;
      }
    }
    return null;
  }

  private void write(long instant, int source, MailRecord record) throws IOException {
    long second = Math.floorDiv(instant, SECOND);
    if (second != seconds) {
      seconds = second;
      ZonedDateTime time = Instant.ofEpochSecond(second).atZone(zone);
      stamp =
          String.format(
              "%04d-%02d-%02d %02d:%02d:%02d ",
              time.getYear(),
              time.getMonthValue(),
              time.getDayOfMonth(),
              time.getHour(),
              time.getMinute(),
              time.getSecond());
    }
    byte[] line = (stamp + record.fields() + "\n").getBytes(StandardCharsets.ISO_8859_1);
    records++;
    for (int at = 0; at < line.length; at += LONGEST) {
      out.line(instant, source, line, at, Math.min(LONGEST, line.length - at));
    }
  }

  /** What was read so far. */
  public Summary summary() {
    return new Summary(lines, used, records, messages.forgotten());
  }
}
