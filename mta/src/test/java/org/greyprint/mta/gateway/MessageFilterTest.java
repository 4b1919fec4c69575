// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.Random;
import org.greyprint.mta.gateway.GatewaySettings.Strays;
import org.greyprint.mta.gateway.MessageFilter.Found;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageFilterTest {
  private static final String NAME = "X-P0f-OS";

  /** Collects what comes out. */
  private static final class Out implements MessageFilter.Sink {
    final StringBuilder text = new StringBuilder();

    @Override
    public void pass(ByteBuf in, int from, int length) {
      text.append(in.toString(from, length, ISO_8859_1));
    }

    @Override
    public void insert(byte[] octets) {
      text.append(new String(octets, ISO_8859_1));
    }
  }

  private static String data(String in) {
    Out out = new Out();
    ByteBuf buffer = Unpooled.copiedBuffer(in, ISO_8859_1);
    MessageFilter filter = new MessageFilter(List.of(NAME), true, Strays.NORMALISE);
    assertThat(filter.feed(buffer, false, out)).isEqualTo(Found.END);
    return out.text + "|" + buffer.toString(ISO_8859_1);
  }

  @Test
  void leavesAMessageAsItIs() {
    String message =
        "A: b\r\nC: d\r\n e\r\n\r\n\u00e4\u00ff\r\n..\r\n...x\r\n" + "y".repeat(100_000);
    assertThat(data(message + "\r\n.\r\nQUIT\r\n")).isEqualTo(message + "\r\n|QUIT\r\n");
  }

  @Test
  void takesAnEmptyMessage() {
    assertThat(data(".\r\n")).isEqualTo("|");
  }

  @Test
  void removesForgedHeadersInTheHeaderOnly() {
    assertThat(
            data(
                "X-P0F-os: a\r\nA: b\r\nx-p0f-os\t :c\r\n\td\r\n e\r\nX-P0f-OSx: f\r\nX-P0f-OS\r\n"
                    + "..X-P0f-OS: g\r\n.X-P0f-OS: h\r\n\r\nX-P0f-OS: body\r\n.\r\n"))
        .isEqualTo("A: b\r\nX-P0f-OSx: f\r\n..X-P0f-OS: g\r\n\r\nX-P0f-OS: body\r\n|");
  }

  @Test
  void doesNotLetALineContinueTheHeaderAbove() {
    assertThat(data(" Linux\r\n\r\n.\r\n")).isEqualTo("\r\n Linux\r\n\r\n|");
    assertThat(data("\0Linux\r\n\r\n.\r\n")).isEqualTo("\r\n Linux\r\n\r\n|");
    assertThat(data("\rLinux\r\n\r\n.\r\n")).isEqualTo("\r\n Linux\r\n\r\n|");
  }

  /** Ends of data that one parser or another was published to take for one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r",
        "\r.\r\n",
        "\r\n.\r",
        "\n.\r",
        "\r\r\n.\r\r\n",
        "\r\n.\0\r\n",
        "\r\n\0.\r\n",
        "\0\r\n.\n",
        "\r\n.\r\r\n",
        "\n\n.\n\n",
        "\r\n.\n\r\n",
        "\r\n.\r\0\n",
        "\n\r.\r\n",
        "\r\n .\r\n",
        "\r\n\t.\r\n",
        "\u2028.\u2028",
        "\r\n.\u0085\n"
      })
  void noOtherEndOfDataComesOut(String end) {
    String smuggled = "MAIL FROM:<evil@example.org>\r\n";
    String in = "A: b\r\n\r\nfirst" + end + smuggled;
    String out = data(in + "\r\n.\r\n");
    assertThat(out).contains("MAIL FROM:<evil").endsWith("|");
    String wire = out.substring(0, out.length() - 1);
    assertThat(wire.replace("\r\n", "")).doesNotContain("\r", "\n", "\0");
    assertThat(("\r\n" + wire)).doesNotContain("\r\n.\r\n");

    MessageFilter strict = new MessageFilter(List.of(NAME), true, Strays.REFUSE);
    boolean stray = !in.replace("\r\n", "").matches("[^\r\n\0]*");
    Found found =
        strict.feed(Unpooled.copiedBuffer(in + "\r\n.\r\n", ISO_8859_1), false, new Out());
    assertThat(found).isEqualTo(stray ? Found.STRAY : Found.END);
  }

  @Test
  void doublesDotsOfChunks() {
    Out out = new Out();
    MessageFilter filter = new MessageFilter(List.of(NAME), false, Strays.NORMALISE);
    ByteBuf in = Unpooled.copiedBuffer("A: b\r\n\r\n.\r\n..x\r\n.", ISO_8859_1);
    assertThat(filter.feed(in, true, out)).isEqualTo(Found.MORE);
    assertThat(out.text.toString()).isEqualTo("A: b\r\n\r\n..\r\n...x\r\n..");
    assertThat(filter.atLineStart()).isFalse();
  }

  @Test
  void agreesWithTheReference() {
    fuzz(300_000, 42);
  }

  @Test
  @Tag("long")
  void agreesWithTheReferenceTenMillionTimes() {
    fuzz(10_000_000, 7);
  }

  private static void fuzz(int rounds, long seed) {
    String[] pieces = {
      "\r",
      "\n",
      "\r\n",
      ".",
      "\0",
      " ",
      "\t",
      "X-P0f-OS",
      "x-p0F-oS:",
      ":",
      "a",
      "\r\n.",
      "bc",
      "\r\n\r\n",
      ".\r",
      "\u00e9",
      " ".repeat(65)
    };
    Random random = new Random(seed);
    for (int round = 0; round < rounds; round++) {
      StringBuilder made = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        made.append(pieces[random.nextInt(pieces.length)]);
      }
      String in = made.append("\r\n.\r\nrest").toString();
      ReferenceFilter.Result wanted = ReferenceFilter.data(in, NAME);
      Out out = new Out();
      MessageFilter filter = new MessageFilter(List.of(NAME), true, Strays.NORMALISE);
      ByteBuf buffer = Unpooled.buffer(in.length());
      byte[] octets = in.getBytes(ISO_8859_1);
      int given = 0;
      Found found = Found.MORE;
      while (found == Found.MORE && given < octets.length) {
        int part = 1 + random.nextInt(octets.length - given);
        buffer.writeBytes(octets, given, part);
        given += part;
        found = filter.feed(buffer, false, out);
      }
      if (found != Found.END
          || !out.text.toString().equals(wanted.out())
          || buffer.readerIndex() != wanted.end()) {
        assertThat(out.text.toString())
            .as("round %d of %s", round, quoted(in))
            .isEqualTo(wanted.out());
        assertThat(buffer.readerIndex()).as(quoted(in)).isEqualTo(wanted.end());
        assertThat(found).as(quoted(in)).isEqualTo(Found.END);
      }
    }
  }

  private static String quoted(String text) {
    return text.replace("\r", "\\r").replace("\n", "\\n").replace("\0", "\\0");
  }
}
