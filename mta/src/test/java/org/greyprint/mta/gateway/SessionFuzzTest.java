// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.Random;
import org.greyprint.decision.Verdict;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Sessions of drawn commands, sent in drawn parts, with a next hop that refuses and dies now and
 * then: every session ends, and the client is told of exactly as many messages taken as were taken.
 */
class SessionFuzzTest {
  private static final String[] STEPS = {
    "EHLO c\r\n",
    "HELO c\r\n",
    "EHLO d\r\n",
    "MAIL FROM:<a@b>\r\n",
    "MAIL FROM:<>\r\n",
    "RCPT TO:<c@d>\r\n",
    "RCPT TO:<late@d>\r\n",
    "RCPT TO:<no@d>\r\n",
    "DATA\r\n",
    "A: b\r\n\r\nx\r\n.\r\n",
    ".\r\n",
    "BDAT 5\r\nA: b\n",
    "BDAT 3 LAST\r\nxyz",
    "BDAT 0 LAST\r\n",
    "RSET\r\n",
    "NOOP\r\n",
    "VRFY a\r\n",
    "\r\n",
    "\n",
    "x\0y\r\n",
    "STARTTLS\r\n",
    "AUTH PLAIN x\r\n",
    "EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n",
    "EHLO c\r\nMAIL FROM:<a@b>\r\nRCPT TO:<late@d>\r\nRCPT TO:<c@d>\r\nDATA\r\nA: b\r\n.\r\n"
  };

  @Test
  void sessionsEndAndTellTheTruth() throws Exception {
    fuzz(400, 3);
  }

  @Test
  @Tag("long")
  void manySessionsEndAndTellTheTruth() throws Exception {
    fuzz(50_000, 4);
  }

  private static void fuzz(int rounds, long seed) throws Exception {
    try (Rig rig = new Rig()) {
      Random random = new Random(seed);
      Random hopRandom = new Random(seed + 1);
      rig.decider.verdict =
          inquiry ->
              inquiry.envelope().recipient().startsWith("late")
                  ? new Verdict.Defer(java.time.Duration.ofSeconds(9))
                  : inquiry.envelope().recipient().startsWith("no")
                      ? new Verdict.Reject("no")
                      : new Verdict.Deliver();
      rig.hop.answers =
          (command, usual) -> {
            int drawn;
            synchronized (hopRandom) {
              drawn = hopRandom.nextInt(60);
            }
            // A message that was taken is always answered: what is lost there is RFC 1047's.
            boolean message = command.equals(".");
            return drawn == 0
                ? "451 4.3.0 later"
                : drawn == 1
                    ? "550 5.0.0 no"
                    : drawn == 2 && !message ? TestHop.CLOSE : drawn == 3 ? "421 later" : usual;
          };
      // Without the tarpit, which would hold most of these sessions back for seconds.
      rig.open(
          rig.settings()
              .withLimits(
                  new GatewaySettings.Limits(
                      99, 99, 999, 512, 9, 1, 20, 10, java.time.Duration.ZERO, 0)));
      int told = 0;
      for (int round = 0; round < rounds; round++) {
        told += session(rig, random, round);
      }
      assertThat(told).isPositive();
      assertThat(rig.hop.messages).hasSize(told);
      await().untilAsserted(() -> assertThat(rig.count("open")).isZero());
    }
  }

  private static int session(Rig rig, Random random, int round) throws IOException {
    StringBuilder script = new StringBuilder();
    for (int i = random.nextInt(12); i >= 0; i--) {
      script.append(STEPS[random.nextInt(STEPS.length)]);
    }
    String text = script.append("\r\n.\r\nQUIT\r\n").toString();
    int before = rig.hop.messages.size();
    int told = 0;
    try (Line line = rig.foreign()) {
      try {
        for (int at = 0; at < text.length(); ) {
          int part = 1 + random.nextInt(text.length() - at);
          line.send(text.substring(at, at + part));
          at += part;
        }
      } catch (IOException e) {
        return afterReset(rig, before, told);
      }
      String last = "";
      try {
        for (String reply = line.reply(); !reply.isEmpty(); reply = line.reply()) {
          told += reply.equals("250 2.0.0 taken") ? 1 : 0;
          last = reply;
        }
      } catch (java.net.SocketException e) {
        assertThat(last).as("round %d: %s", round, text).matches("(?s)(421.*)?");
        return afterReset(rig, before, told);
      }
      assertThat(last).as("round %d: %s", round, text).matches("(?s)(221|421).*");
    }
    return told;
  }

  /** The gateway said 421 and went, and answers on their way were lost with the reset. */
  private static int afterReset(Rig rig, int before, int told) {
    await().untilAsserted(() -> assertThat(rig.count("open")).isZero());
    int taken = rig.hop.messages.size() - before;
    assertThat(taken).isGreaterThanOrEqualTo(told);
    return taken;
  }
}
