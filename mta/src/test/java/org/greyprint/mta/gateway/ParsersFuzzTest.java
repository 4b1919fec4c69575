// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Whatever is sent, the parsers give a value and stay in their bounds. */
class ParsersFuzzTest {
  private static final String[] WORDS = {
    "MAIL",
    "RCPT",
    "EHLO",
    "BDAT",
    " ",
    "FROM:",
    "TO:",
    "<",
    ">",
    "\"",
    "\\",
    "@",
    "a",
    ":",
    "=",
    "SIZE=",
    "99999999999999999999",
    "\t",
    "\r",
    "\0",
    "250",
    "-",
    "\n",
    "\u00e4",
    "354 ",
    "\r\n"
  };

  @Test
  void parsersGiveValues() {
    fuzz(200_000, 1);
  }

  @Test
  @Tag("long")
  void parsersGiveValuesTenMillionTimes() {
    fuzz(10_000_000, 2);
  }

  private static void fuzz(int rounds, long seed) {
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      StringBuilder made = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        made.append(WORDS[random.nextInt(WORDS.length)]);
      }
      String text = made.toString();
      commands(text);
      replies(text);
      byte[] hello = new byte[random.nextInt(120)];
      random.nextBytes(hello);
      ClientHello.parse(ByteBuffer.wrap(hello)).ifPresent(ClientHello::ja4);
      SavedSyn.length(hello);
    }
  }

  private static void commands(String text) {
    ByteBuf in = Unpooled.copiedBuffer(text + "\n", ISO_8859_1);
    int lf = in.indexOf(0, in.writerIndex(), (byte) '\n');
    Command.read(in, lf)
        .ifPresent(command -> {
          if (command.line().chars().anyMatch(c -> c == '\r' || c == '\n' || c == 0)) {
            assertThat(command.line()).doesNotContain("\r", "\n", "\0");
          }
          command.path("FROM:").ifPresent(path -> Command.parameter(path.parameters(), "SIZE"));
          command.path("TO:");
        });
    if (in.readerIndex() != lf + 1) {
      assertThat(in.readerIndex()).isEqualTo(lf + 1);
    }
  }

  private static void replies(String text) {
    ByteBuf in = Unpooled.copiedBuffer(text, ISO_8859_1);
    ReplyReader reader = new ReplyReader();
    while (reader.next(in) instanceof ReplyReader.Read.Whole(Reply reply)) {
      if (reply.code() < 200 || reply.code() > 599 || reply.lines().isEmpty()) {
        assertThat(reply.code()).isBetween(200, 599);
      }
      String wire = reply.text().replace("\r\n", "");
      if (wire.chars().anyMatch(c -> c < ' ')) {
        assertThat(wire).doesNotContain("\r", "\n", "\0");
      }
    }
  }
}
