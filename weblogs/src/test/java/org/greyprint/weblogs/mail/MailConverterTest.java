// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.greyprint.weblogs.stamp.LogFormat;
import org.junit.jupiter.api.Test;

class MailConverterTest {
  @Test
  void postfixDeliversToTwoRecipients() {
    assertThat(
            Converted.syslog(
                """
                Mar  1 07:27:30 mx1 postfix/smtpd[1684]: 2BC793B8A4: client=mail.example.com[192.0.2.7]
                Mar  1 07:27:30 mx1 postfix/cleanup[1690]: 2BC793B8A4: message-id=<a@example.com>
                Mar  1 07:27:30 mx1 postfix/qmgr[900]: 2BC793B8A4: from=<jo@example.com>, size=3302, nrcpt=2 (queue active)
                Mar  1 07:27:31 mx1 postfix/virtual[1689]: 2BC793B8A4: to=<ann@example.net>, relay=virtual, delay=0.3, delays=0.2/0/0/0.1, dsn=2.0.0, status=sent (delivered to maildir)
                Mar  1 07:27:33 mx1 postfix/smtp[1691]: 2BC793B8A4: to=<bob@example.org>, orig_to=<team@example.net>, relay=mx.example.org[198.51.100.5]:25, delay=3, delays=0.2/0/1/1.8, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4F1B)
                Mar  1 07:27:33 mx1 postfix/qmgr[900]: 2BC793B8A4: removed
                """))
        .containsExactly(
            "2026-03-01 07:27:31 jo@example.com ann@example.net mail.example.com virtual SMTP - 1"
                + " 3302",
            "2026-03-01 07:27:33 jo@example.com team@example.net mail.example.com mx.example.org"
                + " SMTP - 1 3302");
  }

  @Test
  void postfixRejectsBouncesAndExpires() {
    assertThat(
            Converted.syslog(
                """
                Mar  1 12:00:00 mx1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from unknown[203.0.113.9]: 554 5.7.1 <x@example.org>: Relay access denied; from=<s@example.com> to=<x@example.org> proto=ESMTP helo=<pc>
                Mar  1 12:00:01 mx1 postfix/postscreen[8]: NOQUEUE: reject: RCPT from [203.0.113.9]:4711: 550 5.7.1 Service unavailable; client [203.0.113.9] blocked using zen.example; from=<s@example.com>, to=<ann@example.net>, proto=ESMTP, helo=<pc>
                Mar  1 12:00:02 mx1 postfix/submission/smtpd[7]: 3C0FFEE123: client=pc.example.net[192.0.2.99], sasl_method=PLAIN, sasl_username=ann
                Mar  1 12:00:02 mx1 postfix/qmgr[5]: 3C0FFEE123: from=<ann@example.net>, size=1000, nrcpt=2 (queue active)
                Mar  1 12:00:03 mx1 postfix/smtp[6]: 3C0FFEE123: to=<no@example.org>, relay=mx.example.org[198.51.100.5]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host mx.example.org[198.51.100.5] said: 550 5.1.1 no such user (in reply to RCPT TO command))
                Mar  1 12:00:03 mx1 postfix/smtp[6]: 3C0FFEE123: to=<slow@example.org>, relay=none, delay=1, delays=0/0/1/0, dsn=4.4.1, status=deferred (connect to mx2.example.org[198.51.100.6]:25: Connection timed out)
                Mar  6 12:00:03 mx1 postfix/qmgr[5]: 3C0FFEE123: from=<ann@example.net>, status=expired, returned to sender
                Mar  6 12:00:03 mx1 postfix/qmgr[5]: 3C0FFEE123: removed
                Mar  6 12:00:04 mx1 postfix/cleanup[4]: 4D0FFEE123: milter-reject: END-OF-MESSAGE from unknown[203.0.113.9]: 5.7.1 Spam; from=<> to=<ann@example.net> proto=ESMTP helo=<pc>
                Mar  6 12:00:05 mx1 postfix/smtpd[9]: NOQUEUE: reject: CONNECT from unknown[203.0.113.9]: 554 5.7.1 <unknown[203.0.113.9]>: Client host rejected: Access denied; proto=SMTP
                """))
        .containsExactly(
            "2026-03-01 12:00:00 s@example.com x@example.org 203.0.113.9 - SMTP - 554 ?",
            "2026-03-01 12:00:01 s@example.com ann@example.net 203.0.113.9 - SMTP - 550 ?",
            "2026-03-01 12:00:03 ann@example.net no@example.org pc.example.net mx.example.org SMTP"
                + " - 550 1000",
            "2026-03-06 12:00:03 ann@example.net slow@example.org pc.example.net - SMTP - 999 1000",
            "2026-03-06 12:00:04 <> ann@example.net 203.0.113.9 - SMTP - 550 ?");
  }

  @Test
  void aContentFilterIsNotCountedTwice() {
    assertThat(
            Converted.syslog(
                """
                Mar  1 07:00:00 mx1 postfix/smtpd[1]: A1A1A1A1A1: client=mail.example.com[192.0.2.7]
                Mar  1 07:00:00 mx1 postfix/cleanup[2]: A1A1A1A1A1: message-id=<a@example.com>
                Mar  1 07:00:00 mx1 postfix/qmgr[3]: A1A1A1A1A1: from=<jo@example.com>, size=3000, nrcpt=1 (queue active)
                Mar  1 07:00:01 mx1 postfix/smtpd[4]: B2B2B2B2B2: client=localhost[127.0.0.1]
                Mar  1 07:00:01 mx1 postfix/cleanup[2]: B2B2B2B2B2: message-id=<a@example.com>
                Mar  1 07:00:01 mx1 postfix/qmgr[3]: B2B2B2B2B2: from=<jo@example.com>, size=3400, nrcpt=1 (queue active)
                Mar  1 07:00:01 mx1 postfix/local[6]: B2B2B2B2B2: to=<ann@example.net>, relay=local, delay=0.1, delays=0/0/0/0.1, dsn=2.0.0, status=sent (delivered to mailbox)
                Mar  1 07:00:01 mx1 postfix/smtp[5]: A1A1A1A1A1: to=<ann@example.net>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as B2B2B2B2B2)
                """))
        .containsExactly(
            "2026-03-01 07:00:01 jo@example.com ann@example.net mail.example.com localhost SMTP - 1"
                + " 3400");
  }

  @Test
  void oneQueueIdOnTwoHostsIsTwoMessages() {
    assertThat(
            Converted.iso(
                """
                2026-03-01T07:00:00.100000+01:00 mx1 postfix/smtpd[1]: A1A1A1A1A1: client=one.example.com[192.0.2.1]
                2026-03-01T07:00:00.200000+01:00 mx2 postfix/smtpd[1]: A1A1A1A1A1: client=two.example.com[192.0.2.2]
                2026-03-01T07:00:00.300000+01:00 mx1 postfix/qmgr[3]: A1A1A1A1A1: from=<one@example.com>, size=1, nrcpt=1 (queue active)
                2026-03-01T07:00:00.400000+01:00 mx2 postfix/qmgr[3]: A1A1A1A1A1: from=<two@example.com>, size=2, nrcpt=1 (queue active)
                2026-03-01T07:00:01.500000+01:00 mx2 postfix/lmtp[6]: A1A1A1A1A1: to=<ann@example.net>, relay=store[10.0.0.1]:24, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Saved)
                2026-03-01T07:00:01.600000+01:00 mx1 postfix/lmtp[6]: A1A1A1A1A1: to=<bob@example.net>, relay=store[10.0.0.1]:24, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Saved)
                """))
        .containsExactly(
            "2026-03-01 06:00:01 two@example.com ann@example.net two.example.com store SMTP - 1 2",
            "2026-03-01 06:00:01 one@example.com bob@example.net one.example.com store SMTP - 1 1");
  }

  @Test
  void rfc5424AndPriorities() {
    String text =
        """
        <22>1 2026-03-01T07:00:00Z mx1 postfix/smtpd 12 - - A1A1A1A1A1: client=one.example.com[192.0.2.1]
        <22>1 2026-03-01T07:00:00Z mx1 postfix/qmgr 13 - [meta sequenceId="4"] A1A1A1A1A1: from=<one@example.com>, size=1, nrcpt=1 (queue active)
        <22>1 2026-03-01T07:00:01Z mx1 postfix/local 14 - - A1A1A1A1A1: to=<ann@example.net>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered)
        """;
    assertThat(
            Converted.of(
                LogFormat.RFC5424, ZoneOffset.UTC, ZoneOffset.UTC, "2026-03-01T08:00:00Z", text))
        .containsExactly(
            "2026-03-01 07:00:01 one@example.com ann@example.net one.example.com localhost SMTP - 1"
                + " 1");
    assertThat(
            Converted.syslog(
                "<22>Mar  1 07:00:01 mx1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from"
                    + " a.example[192.0.2.3]: 450 4.1.8 <s@example.com>: Sender address rejected:"
                    + " Domain not found; from=<s@example.com> to=<ann@example.net> proto=ESMTP"
                    + " helo=<a>"))
        .containsExactly(
            "2026-03-01 07:00:01 s@example.com ann@example.net a.example - SMTP - 450 ?");
  }

  @Test
  void sendmailGivesOneRecordARecipientAndKeepsTheSender() {
    assertThat(
            Converted.syslog(
                """
                Mar  1 06:55:13 mx2 sm-mta[28877]: h6SDtCtg028877: from=<xxx@example.com>, size=2556, class=0, nrcpts=3, msgid=<w1@example.com>, proto=ESMTP, daemon=MTA, relay=smtp.example.com [192.0.2.50]
                Mar  1 06:55:14 mx2 sm-mta[28878]: h6SDtCtg028877: to=<ann@example.net>,<bob@example.net>, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=62556, relay=store.example.net. [10.0.0.9], dsn=2.0.0, stat=Sent (ok)
                Mar  1 06:55:15 mx2 sm-mta[28879]: h6SDtCtg028877: to="|/usr/bin/procmail", ctladdr=<list@example.net> (8/0), delay=00:00:02, xdelay=00:00:01, mailer=prog, pri=62556, dsn=2.0.0, stat=Sent
                Mar  1 06:56:00 mx2 sm-mta[28880]: h6SDtCtg028880: ruleset=check_rcpt, arg1=<nobody@example.org>, relay=freedom.example [203.0.113.42], reject=550 5.7.1 <nobody@example.org>... Relaying denied
                Mar  1 06:57:00 mx2 sm-mta[28881]: h6SDtCtg028881: from=<a@example.com>, size=700, class=0, nrcpts=1, proto=ESMTP, daemon=MTA, relay=[203.0.113.43]
                Mar  1 06:57:01 mx2 sm-mta[28881]: h6SDtCtg028881: to=<gone@example.net>, delay=00:00:01, xdelay=00:00:00, mailer=local, pri=30700, dsn=5.1.1, stat=User unknown
                Mar  1 06:57:02 mx2 sm-mta[28881]: h6SDtCtg028881: to=<later@example.net>, delay=00:00:01, xdelay=00:00:00, mailer=esmtp, pri=30700, relay=x.example. [10.0.0.7], dsn=4.0.0, stat=Deferred: Connection refused by x.example.
                """))
        .containsExactly(
            "2026-03-01 06:55:14 xxx@example.com ann@example.net smtp.example.com store.example.net"
                + " SMTP - 1 2556",
            "2026-03-01 06:55:14 xxx@example.com bob@example.net smtp.example.com store.example.net"
                + " SMTP - 1 2556",
            "2026-03-01 06:55:15 xxx@example.com list@example.net smtp.example.com - SMTP - 1 2556",
            "2026-03-01 06:56:00 <> nobody@example.org freedom.example - SMTP - 550 ?",
            "2026-03-01 06:57:01 a@example.com gone@example.net 203.0.113.43 localhost SMTP - 550"
                + " 700");
  }

  @Test
  void whatSendmailHandsToItsOwnDaemonIsCountedThere() {
    assertThat(
            Converted.syslog(
                """
                Mar  1 08:00:00 mx2 sendmail[11]: 621800pQ000011: from=root, size=300, class=0, nrcpts=1, msgid=<m@mx2>, relay=root@localhost
                Mar  1 08:00:00 mx2 sm-mta[12]: 621800b8000012: from=<root@mx2.example.net>, size=560, class=0, nrcpts=1, msgid=<m@mx2>, proto=ESMTP, daemon=MTA, relay=localhost [127.0.0.1]
                Mar  1 08:00:00 mx2 sendmail[11]: 621800pQ000011: to=ann@example.org, ctladdr=root (0/0), delay=00:00:00, xdelay=00:00:00, mailer=relay, pri=30300, relay=[127.0.0.1] [127.0.0.1], dsn=2.0.0, stat=Sent (621800b8000012 Message accepted for delivery)
                Mar  1 08:00:02 mx2 sm-mta[14]: 621800b8000012: to=<ann@example.org>, ctladdr=<root@mx2.example.net> (0/0), delay=00:00:02, xdelay=00:00:02, mailer=esmtp, pri=120560, relay=mx.example.org. [198.51.100.5], dsn=2.0.0, stat=Sent (ok)
                """))
        .containsExactly(
            "2026-03-01 08:00:02 root@mx2.example.net ann@example.org localhost mx.example.org SMTP"
                + " - 1 560");
  }

  @Test
  void eximMainLogAndSyslog() {
    String main =
        """
        2026-03-01 09:00:00 1rSVdT-000000012Bc-1aBc <= jo@example.com H=mail.example.com [192.0.2.7] P=esmtps X=TLS1.3:TLS_AES_256_GCM_SHA384:256 CV=no S=1234 id=a@example.com
        2026-03-01 09:00:01 1rSVdT-000000012Bc-1aBc => ann <ann@example.net> R=local_user T=maildir_home
        2026-03-01 09:00:01 1rSVdT-000000012Bc-1aBc -> bob@example.org <team@example.net> R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.5] C="250 OK"
        2026-03-01 09:00:02 1rSVdT-000000012Bc-1aBc ** no@example.org R=dnslookup T=remote_smtp H=mx.example.org [198.51.100.5]: SMTP error from remote mail server after RCPT TO:<no@example.org>: 550 5.1.1 unknown
        2026-03-01 09:00:02 1rSVdT-000000012Bc-1aBc == slow@example.org R=dnslookup T=remote_smtp defer (-53): retry time not reached for any host
        2026-03-01 09:00:03 1rSVdT-000000012Bc-1aBc Completed
        2026-03-01 09:01:00 H=(pc) [203.0.113.9] F=<s@example.com> rejected RCPT <x@example.org>: relay not permitted
        2026-03-01 09:01:01 H=pc.example (pc) [203.0.113.9]:4711 F=<s@example.com> temporarily rejected RCPT <ann@example.net>: greylisted
        2026-03-01 09:02:00 1abcDE-000123-Xy <= <> R=1abcDE-000122-Xy U=Debian-exim P=local S=2000
        2026-03-01 09:02:00 1abcDE-000123-Xy => jo@example.com R=dnslookup T=remote_smtp H=mail.example.com [192.0.2.7] C="250 OK"
        """;
    List<String> expected =
        List.of(
            "2026-03-01 09:00:01 jo@example.com ann@example.net mail.example.com localhost SMTP - 1"
                + " 1234",
            "2026-03-01 09:00:01 jo@example.com team@example.net mail.example.com mx.example.org"
                + " SMTP - 1 1234",
            "2026-03-01 09:00:02 jo@example.com no@example.org mail.example.com mx.example.org SMTP"
                + " - 550 1234",
            "2026-03-01 09:01:00 s@example.com x@example.org 203.0.113.9 - SMTP - 550 ?",
            "2026-03-01 09:01:01 s@example.com ann@example.net pc.example - SMTP - 451 ?",
            "2026-03-01 09:02:00 <> jo@example.com localhost mail.example.com SMTP - 1 2000");
    assertThat(Converted.iso(main)).isEqualTo(expected);
    String syslog =
        main.lines()
            .map(line -> "Mar  1 " + line.substring(11, 19) + " mx3 exim[77]: " + line)
            .reduce("", (a, b) -> a + b + "\n");
    assertThat(Converted.syslog(syslog)).isEqualTo(expected);
    String zoned =
        main.lines()
            .map(line -> line.substring(0, 19) + ".123 +0000 [77]" + line.substring(19))
            .reduce("", (a, b) -> a + b + "\n");
    assertThat(Converted.iso(zoned)).isEqualTo(expected);
  }

  @Test
  void eximsSecondCopyInSyslogIsNoRecord() {
    String rcpt =
        "Mar  1 09:01:00 mx3 exim[77]: 2026-03-01 09:01:00 H=(pc) [203.0.113.9] F=<s@example.com>"
            + " rejected RCPT <x@example.org>: relay not permitted\n";
    String data =
        "2026-03-01 09:01:02 1rSVdT-000000012Bc-1aBc H=(pc) [203.0.113.9] F=<s@example.com>"
            + " rejected after DATA: not this\n";
    String log =
        // Two of each; another host between the copies.
        rcpt
            + rcpt.replace("mx3", "mx4")
            + rcpt
            + rcpt.replace("mx3", "mx4")
            + rcpt
            + rcpt
            + "Mar  1 09:01:02 mx3 exim[77]: "
            + data
            + "Mar  1 09:01:02 mx3 exim[77]: [1\\3] "
            + data
            + "Mar  1 09:01:02 mx3 exim[77]: [2\\3] Envelope-from: <s@example.com>\n"
            + "Mar  1 09:01:02 mx3 exim[77]: [3/3]   X: H=[192.0.2.1] F=<forged@example.com>"
            + " rejected RCPT <x@example.org>: no\n";
    String record = "2026-03-01 09:01:00 s@example.com x@example.org 203.0.113.9 - SMTP - 550 ?";
    assertThat(Converted.syslog(log))
        .containsExactly(
            record,
            record,
            record,
            "2026-03-01 09:01:02 s@example.com <> 203.0.113.9 - SMTP - 550 ?");
  }

  @Test
  void theYearTurnsAndTheHourThatComesTwiceKeepsItsOrder() {
    String delivered =
        " mx1 postfix/local[6]: %s: to=<%s@example.net>, relay=local, delay=1, delays=0/0/0/1,"
            + " dsn=2.0.0, status=sent (delivered)\n";
    String turn =
        "Dec 31 23:59:59"
            + delivered.formatted("A1A1A1A1A1", "old")
            + "Jan  1 00:00:01"
            + delivered.formatted("A1A1A1A1A2", "new");
    assertThat(
            Converted.of(
                LogFormat.SYSLOG, ZoneOffset.UTC, ZoneOffset.UTC, "2026-01-02T00:00:00Z", turn))
        .extracting(line -> line.substring(0, 19))
        .containsExactly("2025-12-31 23:59:59", "2026-01-01 00:00:01");
    ZoneId berlin = ZoneId.of("Europe/Berlin");
    String twice =
        "Oct 25 02:30:00"
            + delivered.formatted("A1A1A1A1A1", "summer")
            + "Oct 25 02:59:59"
            + delivered.formatted("A1A1A1A1A2", "summer")
            + "Oct 25 02:00:00"
            + delivered.formatted("A1A1A1A1A3", "winter")
            + "Oct 25 03:00:00"
            + delivered.formatted("A1A1A1A1A4", "winter");
    assertThat(
            Converted.of(LogFormat.SYSLOG, berlin, ZoneOffset.UTC, "2026-10-26T00:00:00Z", twice))
        .extracting(line -> line.substring(0, 19))
        .containsExactly(
            "2026-10-25 00:30:00",
            "2026-10-25 00:59:59",
            "2026-10-25 01:00:00",
            "2026-10-25 02:00:00");
  }

  @Test
  void addressesWithBlanksAndOddOctetsStayOneField() {
    assertThat(
            Converted.syslog(
                "Mar  1 12:00:00 mx1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from"
                    + " unknown[2001:db8::9]: 554 5.7.1 <x>: Relay access denied; from=<\"john"
                    + " doe\"@example.com> to=<> proto=ESMTP helo=<a from=<b> to=<c>>"))
        .containsExactly(
            "2026-03-01 12:00:00 \"john%20doe\"@example.com <> 2001:db8::9 - SMTP - 554 ?");
  }

  @Test
  void memoryIsBounded() {
    List<String> records = new ArrayList<>();
    MailConverter converter =
        new MailConverter(ZoneOffset.UTC, (i, s, b, o, l) -> records.add(""), 100);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 1000; i++) {
      text.append(
          "Mar  1 12:00:00 mx1 postfix/smtpd[9]: %010X: client=a.example[192.0.2.1]%n"
              .formatted(i));
    }
    Converted.feed(
        converter, LogFormat.SYSLOG, ZoneOffset.UTC, "2026-03-02T00:00:00Z", text.toString());
    assertThat(converter.summary()).isEqualTo(new MailConverter.Summary(1000, 1000, 0, 900));
  }

  @Test
  void damagedLinesNeverFail() {
    Random random = new Random(20260301);
    String[] seeds = {
      "Mar  1 12:00:00 mx1 postfix/smtpd[9]: NOQUEUE: reject: RCPT from a[192.0.2.1]: 554 5.7.1 <x>: denied; from=<a@b> to=<c@d> proto=ESMTP helo=<pc>",
      "Mar  1 12:00:00 mx1 postfix/smtp[6]: 3C0FFEE123: to=<no@example.org>, relay=mx[198.51.100.5]:25, delay=1, dsn=5.1.1, status=bounced (host said: 550 no)",
      "<22>1 2026-03-01T07:00:00Z mx1 postfix/qmgr 13 - [m s=\"4\"] A1A1A1A1A1: from=<o@e>, size=1, nrcpt=1 (queue active)",
      "Mar  1 06:55:14 mx2 sm-mta[28878]: h6SDtCtg028877: to=<a@n>,<b@n>, delay=00:00:01, mailer=local, relay=s. [10.0.0.9], dsn=2.0.0, stat=Sent (ok)",
      "Mar  1 06:55:14 mx2 sm-mta[1]: h6SDtCtg028877: Milter: to=<a@n>, reject=451 4.7.1 greylisted",
      "2026-03-01 09:00:01 1rSVdT-000000012Bc-1aBc -> b@o <t@n> R=d T=r H=mx.example.org [198.51.100.5] C=\"250 OK\"",
      "2026-03-01 09:01:00 H=(pc) [203.0.113.9] F=<s@e> rejected RCPT <x@o>: relay not permitted"
    };
    List<String> records = new ArrayList<>();
    MailConverter converter =
        new MailConverter(
            ZoneOffset.UTC,
            (instant, source, buffer, offset, length) ->
                records.add(new String(buffer, offset, length, StandardCharsets.ISO_8859_1)));
    assertThatCode(
            () -> {
              for (int i = 0; i < 60_000; i++) {
                byte[] line =
                    (seeds[random.nextInt(seeds.length)] + "\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
                damage(line, random);
                convert(converter, line, 1 + random.nextInt(line.length));
              }
            })
        .doesNotThrowAnyException();
    assertThat(records).isNotEmpty();
    assertThat(records)
        .allMatch(record -> record.chars().filter(c -> c == '\n').count() == 1)
        .allMatch(record -> record.strip().split(" ", -1).length == 10, "ten fields");
  }

  private static void damage(byte[] line, Random random) {
    int times = random.nextInt(4);
    for (int i = 0; i < times; i++) {
      byte[] odd = {' ', '<', '>', '[', ']', ':', ',', '=', 0, '"', (byte) 0xff, '\t', '/', '9'};
      line[random.nextInt(line.length - 1)] = odd[random.nextInt(odd.length)];
    }
  }

  private static void convert(MailConverter converter, byte[] line, int length) throws IOException {
    if (line[length - 1] != '\n') {
      line[length - 1] = '\n';
    }
    converter.line(1_772_366_400_000_000_000L, 0, line, 0, length);
  }
}
