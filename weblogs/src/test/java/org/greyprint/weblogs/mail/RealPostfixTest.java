// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.PostfixServices;
import org.greyprint.testkit.Programs;
import org.greyprint.testkit.Testbed;
import org.greyprint.weblogs.stamp.LogFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A running Postfix writes the log: what happened to each message is in its records. */
@Tag("peer")
@Needs(
    value = {"postfix", "swaks", "ip", "perl", MaillogconvertTest.PROGRAM},
    root = true)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealPostfixTest {
  private static final String MAIN =
      """
      compatibility_level = 3.6
      queue_directory = FOLDER/spool
      data_directory = FOLDER/data
      maillog_file = FOLDER/log
      maillog_file_prefixes = /run
      myhostname = mx.example.net
      mydestination =
      mynetworks = 127.0.0.0/8
      inet_protocols = ipv4
      smtpd_peername_lookup = no
      smtpd_relay_restrictions = reject_unauth_destination
      header_checks = regexp:FOLDER/etc/header_checks
      virtual_mailbox_domains = example.net
      virtual_mailbox_base = FOLDER/mail
      virtual_mailbox_maps = static:inbox/
      virtual_uid_maps = static:65534
      virtual_gid_maps = static:65534
      relay_domains = gone.example, later.example
      transport_maps = inline:{ {gone.example=smtp:[127.0.0.1]:25} {later.example=smtp:[127.0.0.1]:1} }
      """;

  @TempDir private Path aside;
  private final Testbed testbed = Testbed.up();
  private final Path folder = testbed.folder();
  private String log = "";

  /** Starts it, sends it mail of every fate, and waits until its log has them all. */
  @BeforeAll
  void mail() throws Exception {
    for (String name : List.of("etc", "spool", "data", "mail")) {
      Files.createDirectories(folder.resolve(name));
    }
    own("data", "postfix");
    own("mail", "nobody");
    Files.writeString(
        folder.resolve("etc/header_checks"), "/^Subject: unwanted/ REJECT not this\n");
    Files.writeString(folder.resolve("etc/main.cf"), MAIN.replace("FOLDER", folder.toString()));
    Files.writeString(
        folder.resolve("etc/master.cf"), "25 inet n - n - - smtpd\n" + PostfixServices.MASTER);
    control("start");
    send(0, "ann@example.net,bob@example.net", "to two");
    send(0, "jo@gone.example", "to nobody");
    send(0, "jo@later.example", "not now");
    send(24, "jo@elsewhere.example", "not for us");
    send(26, "ann@example.net", "unwanted");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> {
          log = Files.readString(folder.resolve("log"), StandardCharsets.ISO_8859_1);
          return log.contains("to=<ann@example.net>")
              && log.contains("to=<bob@example.net>")
              && log.contains("status=bounced")
              && log.contains("status=deferred")
              && log.contains("not this")
              && log.contains("Relay access denied");
        });
  }

  private void own(String name, String user) throws IOException {
    Path path = folder.resolve(name);
    Files.setOwner(
        path, path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(user));
  }

  private void control(String what) throws IOException {
    Programs.Result result =
        testbed.run(Testbed.MX, "postfix", "-c", folder.resolve("etc").toString(), what);
    assertThat(result.status()).as("postfix %s: %s", what, result.out()).isZero();
  }

  private void send(int status, String to, String subject) {
    Programs.Result result =
        testbed.run(
            Testbed.MX,
            "swaks",
            "--server",
            "127.0.0.1",
            "--from",
            "sender@example.com",
            "--to",
            to,
            "--header",
            "Subject: " + subject);
    assertThat(result.status()).as(result.out()).isEqualTo(status);
  }

  @AfterAll
  void stop() {
    try (testbed) {
      Programs.run(
          Duration.ofSeconds(20),
          testbed.command(Testbed.MX, "postfix", "-c", folder.resolve("etc").toString(), "stop"));
    }
  }

  /** The records without their date and time. */
  private List<String> records() {
    ZoneId zone = ZoneId.systemDefault();
    List<String> records = new ArrayList<>();
    for (String record :
        Converted.of(LogFormat.SYSLOG, zone, zone, Instant.now().toString(), log)) {
      assertThat(record).startsWith(Year.now(zone) + "-");
      records.add(record.split(" ", 3)[2]);
    }
    return records;
  }

  @Test
  void eachRecipientIsOneRecord() {
    // The deferred one is none yet; what a header check refuses at the end of data is not told.
    assertThat(records())
        .as(log)
        .extracting(record -> record.replaceAll(" [0-9]+$", " SIZE"))
        .containsExactlyInAnyOrder(
            "sender@example.com ann@example.net 127.0.0.1 virtual SMTP - 1 SIZE",
            "sender@example.com bob@example.net 127.0.0.1 virtual SMTP - 1 SIZE",
            "sender@example.com jo@gone.example 127.0.0.1 none SMTP - 999 SIZE",
            "sender@example.com jo@elsewhere.example 127.0.0.1 - SMTP - 554 ?");
  }

  @Test
  void theyAreWhatAwstatsOwnConverterMakesOfThem() throws Exception {
    List<String> theirs = new ArrayList<>();
    for (String record :
        MaillogconvertTest.theirs(aside, log, Year.now(ZoneId.systemDefault()).toString())) {
      theirs.add(record.split(" ", 3)[2]);
    }
    assertThat(records()).hasSize(4).isEqualTo(theirs);
  }
}
