// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplyCodecTest {
  static List<Reply> replies() {
    return List.of(
        new Reply.Continue(),
        new Reply.Accept(),
        new Reply.Reject(),
        new Reply.Tempfail(),
        new Reply.Discard(),
        new Reply.Skip(),
        new Reply.Progress(),
        Reply.Code.of(451, "4.7.1", "100% sure"),
        Reply.Code.of(550, "", "no"),
        new Reply.Code(550, "5.7.1", List.of("one", "two %%", "three")),
        new Reply.AddHeader("A", "b"),
        new Reply.InsertHeader(1, "A", "b\n\tc"),
        new Reply.ChangeHeader(300, "A", ""),
        new Reply.AddRecipient("<a@b>", ""),
        new Reply.AddRecipient("<a@b>", "NOTIFY=NEVER"),
        new Reply.DeleteRecipient("<a@b>"),
        new Reply.ChangeSender("<a@b>", ""),
        new Reply.ChangeSender("<a@b>", "RET=FULL"),
        new Reply.ReplaceBody(ByteBuffer.wrap(new byte[] {0, 1, 2})),
        new Reply.Quarantine("why"),
        new Reply.Agreed(6, 17, 80, Map.of(0, "j {client_port}")));
  }

  @ParameterizedTest
  @MethodSource("replies")
  void readsWhatItWrote(Reply reply) {
    ByteBuf out = Unpooled.buffer();
    ReplyCodec.write(reply, false, out);
    byte[] data = new byte[out.readInt() - 1];
    int command = out.readUnsignedByte();
    out.readBytes(data);
    assertThat(out.isReadable()).isFalse();
    assertThat(ReplyCodec.parse(command, data)).contains(reply);
  }

  @Test
  void keepsLinesShortPrintableAndWithTheirCode() {
    Reply.Code code = new Reply.Code(451, "4.7.1", List.of("%".repeat(2000), "\u0000\n\u00e9", ""));
    String[] lines = code.wire().split("\r\n", -1);
    assertThat(lines).hasSize(3);
    assertThat(lines[0]).startsWith("451-4.7.1 %%").hasSizeLessThanOrEqualTo(980);
    assertThat(lines[1]).isEqualTo("451-4.7.1 ???");
    assertThat(lines[2]).isEqualTo("451 4.7.1 Refused");
  }

  @Test
  void refusesCodesThatMtasWouldNotTake() {
    assertThatThrownBy(() -> Reply.Code.of(250, "", "ok"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Reply.Code.of(451, "5.7.1", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Reply.Code.of(451, "4.7", "x"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Reply.Code(451, "4.7.1", List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void cannotBeUsedToPutInFurtherFieldsOrStrings() {
    ByteBuf out = Unpooled.buffer();
    ReplyCodec.write(new Reply.InsertHeader(1, "A\0B", "b\r\nC: d\n e\0"), true, out);
    byte[] data = new byte[out.readInt() - 1];
    out.readByte();
    out.readBytes(data);
    assertThat(ReplyCodec.parse('i', data))
        .contains(new Reply.InsertHeader(1, "AB", " b  C: d\n e "));
  }

  @Test
  void removesFieldsFromTheLastToTheFirst() {
    assertThat(Reply.deleteHeaders("A", 3))
        .containsExactly(
            new Reply.ChangeHeader(3, "A", ""),
            new Reply.ChangeHeader(2, "A", ""),
            new Reply.ChangeHeader(1, "A", ""));
  }

  @Test
  void givesNothingForWhatIsNoReply() {
    assertThat(ReplyCodec.parse('z', new byte[0])).isEmpty();
    assertThat(ReplyCodec.parse('y', new byte[] {'4', 0})).isEmpty();
    assertThat(ReplyCodec.parse('i', new byte[] {0, 0})).isEmpty();
    assertThat(ReplyCodec.parse('O', new byte[] {0, 0, 0, 6})).isEmpty();
  }
}
