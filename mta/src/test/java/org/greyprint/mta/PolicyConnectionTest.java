// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Verdict;
import org.greyprint.milter.LogGate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PolicyConnectionTest {
  private static final String RCPT =
      "request=smtpd_access_policy\nprotocol_state=RCPT\nclient_address=192.0.2.7\n"
          + "sender=a@b\nrecipient=u@c\n\n";

  private final FaceCounters counters = new FaceCounters();
  private int closings;

  private EmbeddedChannel connection() {
    return connection(new FakeDecider());
  }

  private EmbeddedChannel connection(Decider decider) {
    return new EmbeddedChannel(
        new PolicyConnection(
            new PolicyDesk(
                new Desk(
                    decider,
                    new FakeDecider(),
                    InstantSource.system(),
                    FaceSettings.DEFAULT,
                    counters),
                "X-P0f-OS",
                1000),
            PolicySettings.DEFAULT,
            new LogGate(),
            "1",
            () -> closings++));
  }

  /** Postfix makes many, and idle ones are closed after long: no timer may keep what is closed. */
  @Test
  void leavesNothingBehind() {
    EmbeddedChannel channel = connection();
    assertThat(channel.runScheduledPendingTasks()).isPositive();
    channel.writeInbound(
        Unpooled.copiedBuffer("request=smtpd_access_policy\nprotocol_state=RCPT\n\n", ISO_8859_1));
    ByteBuf answer = channel.readOutbound();
    assertThat(answer.toString(ISO_8859_1)).startsWith("action=");
    answer.release();
    hangUp(channel);
    assertThat(closings).isEqualTo(1);
    assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
  }

  /** Not by the channel itself, which would drop all timers. */
  private static void hangUp(EmbeddedChannel channel) {
    channel.pipeline().close();
    channel.runPendingTasks();
  }

  private static @Nullable String answer(EmbeddedChannel channel) {
    ByteBuf answer = channel.readOutbound();
    if (answer == null) {
      return null;
    }
    String text = answer.toString(ISO_8859_1);
    answer.release();
    return text;
  }

  /** One timer serves many answers, but each has all of its time. */
  @Test
  void eachRequestHasADeadlineOfItsOwn() {
    Queue<CompletableFuture<Decision>> decisions = new ArrayDeque<>();
    EmbeddedChannel channel =
        connection(inquiry -> {
          CompletableFuture<Decision> decision = new CompletableFuture<>();
          decisions.add(decision);
          return decision;
        });
    long half = PolicySettings.DEFAULT.deadline().toMillis() / 2;
    channel.freezeTime();
    channel.writeInbound(Unpooled.copiedBuffer(RCPT, ISO_8859_1));
    channel.advanceTimeBy(half, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(answer(channel)).isNull();
    decisions.remove().complete(FakeDecider.decision(new Verdict.Deliver()));
    channel.runPendingTasks();
    assertThat(answer(channel)).startsWith("action=PREPEND X-P0f-OS");

    channel.writeInbound(Unpooled.copiedBuffer(RCPT, ISO_8859_1));
    channel.advanceTimeBy(2 * half - 1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(answer(channel)).isNull();
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(answer(channel)).isEqualTo("action=DUNNO\n\n");
    assertThat(counters.failed()).isEqualTo(1);
    decisions.remove().complete(FakeDecider.decision(new Verdict.Deliver()));
    channel.runPendingTasks();
    assertThat(answer(channel)).isNull();

    channel.writeInbound(Unpooled.copiedBuffer(RCPT, ISO_8859_1));
    hangUp(channel);
    assertThat(closings).isEqualTo(1);
    assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
  }
}
