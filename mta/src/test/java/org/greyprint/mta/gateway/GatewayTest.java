// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.greyprint.decision.Verdict;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayTest {
  @TempDir Path folder;

  private final Rig rig = new Rig();
  private final Deciders decider = rig.decider;
  private final TestHop hop = rig.hop;

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @Test
  void relaysAMessage() throws Exception {
    rig.open(rig.settings());
    try (Line line = Line.greeted(rig.plain())) {
      assertThat(line.ask("EHLO client.example"))
          .isEqualTo(
              "250-gate.example\n250-PIPELINING\n250-SIZE 50000000\n250-8BITMIME\n"
                  + "250-CHUNKING\n250 DSN");
      assertThat(line.ask("MAIL FROM:<a@example.org> SIZE=100")).isEqualTo("250 2.0.0 ok");
      assertThat(line.ask("RCPT TO:<b@example.net>")).isEqualTo("250 2.0.0 ok");
      assertThat(line.ask("DATA")).isEqualTo("354 go on");
      line.send("Subject: x\r\nx-p0F-os: Windows\r\n continued\r\n\r\n..dot\r\nend\r\n.\r\n");
      assertThat(line.reply()).isEqualTo("250 2.0.0 taken");
      assertThat(line.ask("QUIT")).isEqualTo("221 2.0.0 Bye");
      assertThat(line.line()).isNull();
    }
    assertThat(hop.messages).hasSize(1);
    assertThat(hop.messages.getFirst())
        .startsWith("X-P0f-OS: UNKNOWN\r\nReceived: from client.example ([127.0.0.1])\r\n")
        .endsWith("+0000\r\nSubject: x\r\n\r\n..dot\r\nend\r\n");
    assertThat(hop.commands)
        .startsWith(
            "EHLO client.example",
            "MAIL FROM:<a@example.org> SIZE=100",
            "RCPT TO:<b@example.net>",
            "DATA");
    assertThat(decider.asked).hasSize(1);
    assertThat(decider.asked.getFirst().envelope().sender()).isEqualTo("a@example.org");
    assertThat(decider.asked.getFirst().envelope().recipient()).isEqualTo("b@example.net");
    assertThat(decider.asked.getFirst().envelope().size()).isEqualTo(100);
    assertThat(decider.asked.getFirst().session().helo()).isEqualTo("client.example");
  }

  @Test
  void takesPipelinedCommandsAndChunks() throws Exception {
    rig.open(rig.settings());
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      line.send(
          "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nBDAT 10\r\nA: b\r\n\r\n.xBDAT 5 LAST\r\n\r\nendNOOP\r\n");
      assertThat(line.reply()).startsWith("250");
      assertThat(line.reply()).startsWith("250");
      assertThat(line.reply()).isEqualTo("250 2.0.0 10 octets received");
      assertThat(line.reply()).isEqualTo("250 2.0.0 taken");
      assertThat(line.reply()).isEqualTo("250 2.0.0 ok");
    }
    assertThat(hop.messages.getFirst()).endsWith("A: b\r\n\r\n..x\r\nend\r\n");
  }

  @Test
  void keepsMailInAMaildir() throws Exception {
    Path mail = folder.resolve("mail");
    rig.open(rig.settings().withNextHop(new NextHop.Maildir(mail)));
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("EHLO c");
      line.send("MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
      line.reply();
      line.reply();
      assertThat(line.reply()).startsWith("354");
      line.send("Subject: x\r\n\r\n..dot\r\n.\r\n");
      assertThat(line.reply()).startsWith("250 ");
    }
    try (Stream<Path> files = Files.list(mail.resolve("new"))) {
      assertThat(Files.readString(files.findFirst().orElseThrow()))
          .startsWith("Return-Path: <a@b>\nDelivered-To: c@d\nX-P0f-OS: UNKNOWN\nReceived: ")
          .endsWith("Subject: x\n\n.dot\n");
    }
    try (Stream<Path> files = Files.list(mail.resolve("tmp"))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void takesADeferredRecipientBackFromTheNextHop() throws Exception {
    decider.verdict =
        inquiry ->
            inquiry.envelope().recipient().startsWith("late")
                ? new Verdict.Defer(Duration.ofSeconds(300))
                : new Verdict.Deliver();
    rig.open(rig.settings());
    try (Line line = rig.foreign()) {
      line.ask("EHLO c");
      line.ask("MAIL FROM:<a@b>");
      assertThat(line.ask("RCPT TO:<late@d>"))
          .isEqualTo("451 4.7.1 Greylisted, retry in 300 seconds");
      assertThat(line.ask("RCPT TO:<now@d>")).startsWith("250");
      assertThat(line.ask("DATA")).startsWith("354");
      line.send("\r\n.\r\n");
      assertThat(line.reply()).startsWith("250");
      assertThat(line.ask("MAIL FROM:<a@b>")).startsWith("250");
      assertThat(line.ask("RCPT TO:<late@d>")).startsWith("451");
      assertThat(line.ask("DATA")).isEqualTo("554 5.5.1 No valid recipients");
      assertThat(line.ask("MAIL FROM:<x@b>")).startsWith("250");
    }
    assertThat(hop.commands)
        .startsWith(
            "EHLO c",
            "MAIL FROM:<a@b>",
            "RCPT TO:<late@d>",
            "RCPT TO:<now@d>",
            "RSET",
            "MAIL FROM:<a@b>",
            "RCPT TO:<now@d>",
            "DATA",
            "MAIL FROM:<a@b>",
            "RCPT TO:<late@d>",
            "RSET",
            "MAIL FROM:<x@b>");
    assertThat(hop.messages).hasSize(1);
  }

  @Test
  void readsTheKernelsSyn() throws Exception {
    byte[][] seen = new byte[1][];
    rig.open(
        rig.settings(),
        syn -> {
          seen[0] = syn;
          return Optional.empty();
        });
    try (Line line = Line.greeted(rig.plain())) {
      line.ask("NOOP");
    }
    assertThat(seen[0]).isNotNull();
    assertThat(seen[0][0] & 0xf0).isEqualTo(0x40);
    assertThat(seen[0][33] & 0x02).as("the SYN flag").isEqualTo(2);
    assertThat(seen[0]).hasSize(SavedSyn.length(seen[0]));
  }
}
