// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.mail;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.Year;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.greyprint.testkit.Debs;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.greyprint.weblogs.stamp.LogFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A running Exim and a running Sendmail write to syslog what happened to each message. */
@Tag("peer")
@Needs(
    value = {
      "unshare",
      "ip",
      "swaks",
      "smtp-sink",
      "python3",
      "perl",
      "apt-get",
      MaillogconvertTest.PROGRAM
    },
    root = true)
class RealSyslogTest {
  @TempDir private Path aside;
  private Path folder = Path.of("/nonexistent");

  /** Exim's processes are nobody's: they have to get through to it. */
  @BeforeEach
  void folder() throws IOException {
    folder = Files.createTempDirectory(Path.of("/run"), "greyprint-mail-");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    for (String name : List.of("host.sh", "syslog.py", "exim.sh", "sendmail.sh")) {
      try (InputStream in = RealSyslogTest.class.getResourceAsStream(name)) {
        Files.copy(in, folder.resolve(name));
      }
    }
  }

  @AfterEach
  void remove() throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private String log(String program, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of("sh", folder.resolve("host.sh").toString(), program, folder.toString()));
    command.addAll(List.of(words));
    Programs.Result result = Programs.run(Duration.ofMinutes(2), command);
    assertThat(result.status()).as(result.out()).isZero();
    return Files.readString(folder.resolve("syslog"), StandardCharsets.ISO_8859_1);
  }

  /** The records without their date and time, and without sizes. */
  private static List<String> plain(List<String> records) {
    return records.stream()
        .map(record -> record.split(" ", 3)[2].replaceFirst(" [0-9]+$", " SIZE"))
        .toList();
  }

  private static List<String> ours(String log) {
    ZoneId zone = ZoneId.systemDefault();
    List<String> records =
        Converted.of(LogFormat.SYSLOG, zone, zone, Instant.now().toString(), log);
    assertThat(records).allMatch(record -> record.startsWith(Year.now(zone) + "-"));
    return plain(records);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "syslog_timestamp = false",
        "syslog_duplication = false",
        "log_selector = +pid"
      })
  void eachRecipientOfEximIsOneRecord(String options) throws IOException {
    String log = log("exim", Debs.unpacked("exim4-daemon-light").toString(), options);
    assertThat(ours(log))
        .as(log)
        .containsExactlyInAnyOrder(
            "sender@example.com ann@example.net 127.0.0.1 localhost SMTP - 1 SIZE",
            "sender@example.com bob@example.net 127.0.0.1 localhost SMTP - 1 SIZE",
            "sender@example.com jo@gone.example 127.0.0.1 localhost SMTP - 999 SIZE",
            "<> sender@example.com localhost localhost SMTP - 1 SIZE",
            "sender@example.com jo@remote.example 127.0.0.1 192.0.2.1 SMTP - 1 SIZE",
            "sender@example.com jo@elsewhere.example 192.0.2.1 - SMTP - 550 ?",
            "sender@example.com <> 127.0.0.1 - SMTP - 550 ?");
  }

  @Test
  void eachRecipientOfSendmailIsOneRecordAndTheirsWhereTheyAreRight() throws Exception {
    String log =
        log(
            "sendmail",
            Debs.unpacked("sendmail-bin").toString(),
            Debs.unpacked("sendmail-cf").toString(),
            Debs.unpacked("m4").toString());
    List<String> records = ours(log);
    List<String> accepted =
        List.of(
            "sender@example.com root@example.net localhost localhost SMTP - 1 SIZE",
            "sender@example.com root@example.net localhost localhost SMTP - 1 SIZE",
            "sender@example.com nobody@example.net localhost localhost SMTP - 1 SIZE",
            "sender@example.com root@example.net 192.0.2.1 localhost SMTP - 1 SIZE");
    List<String> wanted = new ArrayList<>(accepted);
    wanted.add("<> jo@elsewhere.example 192.0.2.1 - SMTP - 450 ?");
    assertThat(records).as(log).containsExactlyInAnyOrderElementsOf(wanted);
    List<String> theirs =
        plain(MaillogconvertTest.theirs(aside, log, Year.now(ZoneId.systemDefault()).toString()));
    // They have the refused one twice.
    assertThat(theirs).containsAll(wanted).filteredOn(accepted::contains).hasSize(4);
  }
}
