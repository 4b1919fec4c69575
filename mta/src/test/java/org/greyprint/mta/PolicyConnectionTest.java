// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.InstantSource;
import org.greyprint.milter.LogGate;
import org.junit.jupiter.api.Test;

class PolicyConnectionTest {
  private int closings;

  private EmbeddedChannel connection() {
    FakeDecider fake = new FakeDecider();
    return new EmbeddedChannel(
        new PolicyConnection(
            new PolicyDesk(
                new Desk(
                    fake, fake, InstantSource.system(), FaceSettings.DEFAULT, new FaceCounters()),
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
    channel.close();
    assertThat(closings).isEqualTo(1);
    assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
  }
}
