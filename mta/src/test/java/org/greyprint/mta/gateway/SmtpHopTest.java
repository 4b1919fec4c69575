// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A next hop whose connection breaks in the very write that asks it something: the failure comes
 * before anybody waits for the answer, and nothing else will come.
 */
class SmtpHopTest {
  private final Line line = new Line();
  private final EmbeddedChannel channel = new EmbeddedChannel(line);
  private final List<Reply> replies = new ArrayList<>();
  private final SmtpHop hop = hop();

  /** Fails every write at once when it is cut. */
  private static final class Line extends ChannelOutboundHandlerAdapter {
    boolean cut;

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      if (cut) {
        ReferenceCountUtil.release(message);
        promise.tryFailure(new IOException("Broken pipe"));
      } else {
        context.write(message, promise);
      }
    }
  }

  private SmtpHop hop() {
    GatewaySettings settings =
        GatewaySettings.DEFAULT.withNextHop(new NextHop.Smtp("127.0.0.1", 25, false));
    return new SmtpHop(
        settings,
        new HopTlsContext(settings),
        new HopTraits(InstantSource.system()),
        then -> then.accept(Optional.of(channel)),
        channel.eventLoop(),
        () -> {});
  }

  @BeforeEach
  void greet() {
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", 25);
    hop.greet(new Caller(address, address, true, "client.example"), replies::add);
    answers("220 hop ESMTP");
    answers("250 hop");
    assertThat(replies).singleElement().matches(Reply::ok);
    replies.clear();
  }

  @AfterEach
  void close() {
    channel.finishAndReleaseAll();
  }

  private void answers(String reply) {
    channel.writeInbound(Unpooled.copiedBuffer(reply + "\r\n", StandardCharsets.US_ASCII));
  }

  private void broken() {
    assertThat(replies).extracting(Reply::code).containsExactly(451);
    assertThat(replies.getFirst().first()).contains("broke the connection");
    assertThat(hop.alive()).isFalse();
    channel.runPendingTasks();
    assertThat(replies).as("it is answered once").hasSize(1);
  }

  @Test
  void aCommandIsAnswered() {
    hop.command("MAIL FROM:<a@b.example>", replies::add);
    answers("250 2.1.0 ok");
    assertThat(replies).extracting(Reply::code).containsExactly(250);
    replies.clear();
    line.cut = true;
    hop.command("RCPT TO:<c@d.example>", replies::add);
    broken();
  }

  @Test
  void theEndOfAMessageIsAnswered() {
    hop.command("DATA", replies::add);
    answers("354 go on");
    replies.clear();
    ByteBuf text = Unpooled.copiedBuffer("A: b\r\n\r\nc\r\n", StandardCharsets.US_ASCII);
    hop.data(text);
    line.cut = true;
    hop.end(1, all -> replies.addAll(all));
    broken();
    assertThat(text.refCnt()).isZero();
  }
}
