// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.weblogs.stamp.LogFormat;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** AWStats' own converter writes the same, where it is right. */
@Tag("peer")
@Needs({"perl", MaillogconvertTest.PROGRAM})
class MaillogconvertTest {
  static final String PROGRAM = "/usr/share/doc/awstats/examples/maillogconvert.pl";

  @TempDir Path folder;

  private List<String> theirs(String text, String year) throws Exception {
    return theirs(folder, text, year);
  }

  /** What AWStats' converter makes of a log, a record a line. */
  static List<String> theirs(Path folder, String text, String year) throws Exception {
    Path log = folder.resolve("mail.log");
    Files.writeString(log, text, StandardCharsets.ISO_8859_1);
    Programs.Result result =
        Programs.run(
            Duration.ofSeconds(60),
            List.of("sh", "-c", "perl " + PROGRAM + " standard " + year + " < " + log));
    assertThat(result.status()).as(result.out()).isZero();
    return result.out().lines().toList();
  }

  /** Messages one after the other, each of one recipient, as Postfix logs them. */
  private static String postfix(int messages) {
    Random random = new Random(7);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < messages; i++) {
      String id = "%010X".formatted(0xA000000000L + i);
      String when =
          "Mar %2d %02d:%02d:%02d mx1 ".formatted(1 + i / 200, i / 9 % 24, i % 60, i % 59);
      String from =
          random.nextInt(6) == 0 ? "" : "user%d@example.com".formatted(random.nextInt(50));
      String to = "ann%d@example.net".formatted(random.nextInt(20));
      if (random.nextInt(4) == 0) {
        text.append(when)
            .append(
                "postfix/smtpd[7]: NOQUEUE: reject: RCPT from pc%d.example[192.0.2.%d]: 554 5.7.1 <%s>: Relay access denied; from=<%s> to=<%s> proto=ESMTP helo=<pc>\n"
                    .formatted(i % 7, i % 250, to, from, to));
        continue;
      }
      text.append(when)
          .append(
              "postfix/smtpd[1]: %s: client=mail%d.example.com[192.0.2.%d]\n"
                  .formatted(id, i % 9, i % 250));
      text.append(when)
          .append("postfix/cleanup[2]: %s: message-id=<%d@example.com>\n".formatted(id, i));
      text.append(when)
          .append(
              "postfix/qmgr[3]: %s: from=<%s>, size=%d, nrcpt=1 (queue active)\n"
                  .formatted(id, from, 500 + random.nextInt(90_000)));
      text.append(when)
          .append(
              random.nextBoolean()
                  ? "postfix/smtp[4]: %s: to=<%s>, relay=mx%d.example.org[198.51.100.5]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
                      .formatted(id, to, i % 5)
                  : "postfix/local[5]: %s: to=<%s>, orig_to=<alias%d@example.net>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered to mailbox)\n"
                      .formatted(id, to, i % 5));
      text.append(when).append("postfix/qmgr[3]: %s: removed\n".formatted(id));
    }
    return text.toString();
  }

  @Test
  void postfixIsTheSameWordForWord() throws Exception {
    String text = postfix(600);
    List<String> ours = Converted.syslog(text);
    assertThat(ours).hasSizeGreaterThan(500).isEqualTo(theirs(text, "2026"));
  }

  @Test
  void sendmailWithOneRecipientIsTheSame() throws Exception {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200; i++) {
      String id = "621%07dq%03d".formatted(i, i);
      String when = "Mar %2d %02d:%02d:%02d mx2 ".formatted(1 + i / 50, i / 9 % 24, i % 60, i % 59);
      text.append(when)
          .append(
              "sm-mta[9]: %s: from=<u%d@example.com>, size=%d, class=0, nrcpts=1, msgid=<%d@e>, proto=ESMTP, daemon=MTA, relay=mail%d.example.com [192.0.2.7]\n"
                  .formatted(id, i, 400 + i, i, i % 4));
      text.append(when)
          .append(
              "sm-mta[9]: %s: to=<ann@example.net>, delay=00:00:01, xdelay=00:00:01, mailer=esmtp, pri=30, relay=store.example.net. [10.0.0.9], dsn=2.0.0, stat=Sent (ok)\n"
                  .formatted(id));
    }
    assertThat(Converted.syslog(text.toString()))
        .hasSize(200)
        .isEqualTo(theirs(text.toString(), "2026"));
  }

  @Test
  void whatItLosesIsHere() throws Exception {
    // High resolution stamps, as rsyslog writes them since 2023, and services of their own name.
    String text =
        """
        2026-03-01T07:00:00.100000+00:00 mx1 postfix/submission/smtpd[1]: A1A1A1A1A1: client=pc.example.net[192.0.2.1], sasl_method=PLAIN, sasl_username=ann
        2026-03-01T07:00:00.300000+00:00 mx1 postfix/qmgr[3]: A1A1A1A1A1: from=<ann@example.net>, size=9, nrcpt=1 (queue active)
        2026-03-01T07:00:01.600000+00:00 mx1 postfix/relay/smtp[6]: A1A1A1A1A1: to=<bob@example.org>, relay=mx[198.51.100.5]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)
        """;
    assertThat(theirs(text, "2026")).noneMatch(line -> line.contains("bob@example.org"));
    assertThat(
            Converted.of(
                LogFormat.ISO, ZoneOffset.UTC, ZoneOffset.UTC, "2026-03-02T00:00:00Z", text))
        .containsExactly(
            "2026-03-01 07:00:01 ann@example.net bob@example.org pc.example.net mx SMTP - 1 9");
  }

  @Test
  void theYearIsItsArgumentThereAndTheLogsHere() throws Exception {
    // A log of last year's autumn, of two hosts one after the other: its year goes astray.
    String line =
        " postfix/smtpd[7]: NOQUEUE: reject: RCPT from pc.example[192.0.2.1]: 554 5.7.1 <a@b>: denied;"
            + " from=<s@example.com> to=<a@example.net> proto=ESMTP helo=<pc>\n";
    List<String> dates = List.of("Nov 30 10:00:00", "Dec 31 23:59:59", "Jan  1 00:00:01");
    StringBuilder text = new StringBuilder();
    dates.forEach(date -> text.append(date).append(" mx1").append(line));
    List<String> years = new ArrayList<>();
    theirs(text.toString(), "2026").forEach(record -> years.add(record.substring(0, 4)));
    assertThat(years).containsExactly("2026", "2026", "2027");
    assertThat(
            Converted.of(
                LogFormat.SYSLOG,
                ZoneOffset.UTC,
                ZoneOffset.UTC,
                "2026-01-03T00:00:00Z",
                text.toString()))
        .extracting(record -> record.substring(0, 4))
        .containsExactly("2025", "2025", "2026");
  }
}
