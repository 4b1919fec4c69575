// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MaildirTest {
  @TempDir Path folder;

  private final Rig rig = new Rig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  private static long files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  private static String send(Line line, String message) throws IOException {
    line.ask("MAIL FROM:<a@b>");
    line.ask("RCPT TO:<c@d>");
    String ready = line.ask("DATA");
    if (!ready.startsWith("354")) {
      return ready;
    }
    line.send(message + "\r\n.\r\n");
    return line.reply();
  }

  @Test
  void keepsMessagesAsTheyAre() throws Exception {
    Path mail = folder.resolve("mail");
    rig.open(rig.settings().withNextHop(new NextHop.Maildir(mail)));
    String body =
        "A: b\r\n\r\n"
            + "..\r\n.. \r\n...\r\n\u00e4\u00ff\u0080\r\n"
            + "y".repeat(998)
            + "\r\n"
            + "z".repeat(100_000);
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      assertThat(send(line, body)).startsWith("250");
      line.ask("MAIL FROM:<a@b>");
      line.ask("RCPT TO:<c@d>");
      line.send("DATA\r\nbroken off\r\n");
      line.reply();
    }
    Path kept;
    try (Stream<Path> files = Files.list(mail.resolve("new"))) {
      kept = files.findFirst().orElseThrow();
    }
    String text = Files.readString(kept, java.nio.charset.StandardCharsets.ISO_8859_1);
    assertThat(text.substring(text.indexOf("A: b")))
        .isEqualTo(body.replace("\r\n..", "\r\n.").replace("\r\n", "\n") + "\n");
    await().untilAsserted(() -> assertThat(files(mail.resolve("tmp"))).isZero());
    assertThat(files(mail.resolve("new"))).isEqualTo(1);
  }

  /** Final delivery notes the envelope, and what the sender wrote of it does not count. */
  @Test
  void notesTheEnvelope() throws Exception {
    Path mail = folder.resolve("mail");
    rig.open(rig.settings().withNextHop(new NextHop.Maildir(mail)));
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      line.ask("MAIL FROM:<\u00c3\u00a4@b> SMTPUTF8");
      line.ask("RCPT TO:<c@d>");
      line.ask("RCPT TO:<e@f>");
      line.ask("DATA");
      line.send("Return-Path: <forged@b>\r\nA: b\r\n\r\n.\r\n");
      assertThat(line.reply()).startsWith("250");
    }
    try (Stream<Path> files = Files.list(mail.resolve("new"))) {
      assertThat(Files.readString(files.findFirst().orElseThrow()))
          .startsWith(
              "Return-Path: <\u00e4@b>\nDelivered-To: c@d\nDelivered-To: e@f\nX-P0f-OS: UNKNOWN\n")
          .doesNotContain("forged");
    }
  }

  @Test
  void clearsWhatWasLeftLongAgo() throws Exception {
    Path mail = folder.resolve("mail");
    Maildir.open(mail, "host", InstantSource.system());
    Path old = Files.writeString(mail.resolve("tmp/old"), "x");
    Path fresh = Files.writeString(mail.resolve("tmp/fresh"), "x");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofHours(40))));
    Maildir.open(mail, "host", InstantSource.system());
    assertThat(old).doesNotExist();
    assertThat(fresh).exists();
  }

  @Test
  @Tag("peer")
  @Needs(
      value = {"mount", "umount"},
      root = true)
  void aFullDiskIsATemporaryFailure() throws Exception {
    Path disk = Files.createDirectory(folder.resolve("disk"));
    Programs.Result mounted =
        Programs.run(
            Duration.ofSeconds(10),
            List.of("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString()));
    assertThat(mounted.status()).as(mounted.out()).isZero();
    try {
      rig.open(rig.settings().withNextHop(new NextHop.Maildir(disk)));
      try (Line line = Line.greeted(rig.plain())) {
        line.ask("EHLO c");
        String half = ("x".repeat(70) + "\r\n").repeat(7_000);
        assertThat(send(line, half)).startsWith("250");
        assertThat(send(line, half + half)).startsWith("452 4.3.1");
        assertThat(files(disk.resolve("tmp"))).isZero();
        assertThat(files(disk.resolve("new"))).isEqualTo(1);
        assertThat(send(line, "small")).as("a message that fits").startsWith("250");
      }
      assertThat(files(disk.resolve("new"))).isEqualTo(2);
    } finally {
      Programs.run(Duration.ofSeconds(10), List.of("umount", "-l", disk.toString()));
    }
  }
}
