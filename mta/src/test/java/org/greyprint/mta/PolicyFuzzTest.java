// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.greyprint.capture.SynLookup;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Verdict;
import org.greyprint.milter.LogGate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Mutated policy requests against {@link PolicyModel}: the same answers must come out, the
 * connection must be closed where the model says so, no exception may escape, and no buffer may
 * stay behind or grow beyond a request and what one read brings.
 */
class PolicyFuzzTest {
  private static final List<String> SOUND =
      List.of(
          "protocol_state=RCPT",
          "protocol_name=ESMTP",
          "helo_name=pc.isp.example",
          "queue_id=8045F2AB23",
          "sender=a@isp.example",
          "recipient=u@example.net",
          "recipient_count=0",
          "client_address=192.0.2.7",
          "client_name=unknown",
          "reverse_client_name=pc.isp.example",
          "instance=123.456.7",
          "sasl_method=",
          "sasl_username=",
          "sasl_sender=",
          "size=12345",
          "ccert_subject=solaris9.porcupine.org",
          "encryption_protocol=TLSv1/SSLv3",
          "encryption_keysize=256",
          "etrn_domain=",
          "stress=",
          "client_port=41234",
          "policy_context=submission",
          "server_address=192.0.2.25",
          "server_port=25",
          "mail_version=3.8.0");
  private static final List<String> ODD =
      List.of(
          "client_address=2001:db8::7",
          "client_address=IPv6:::ffff:192.0.2.9",
          "client_address=::1",
          "client_address=unknown",
          "sasl_username=bob",
          "sender=",
          "sender=\u00c3\u00bc@example.org",
          "sender=\u00fc@example.org",
          "recipient=",
          "instance=",
          "instance=9",
          "size=99999999999999999999",
          "client_port=99999",
          "client_port=-1",
          "server_port=0x19",
          "reverse_client_name=unknown",
          "protocol_state=CONNECT",
          "request=",
          "=",
          "x",
          "a=b=c",
          "");

  private static final Decider ECHO =
      inquiry -> {
        Verdict refused = new Verdict.Reject(PolicyModel.echo(inquiry));
        return CompletableFuture.completedStage(
            new Decision("0", refused, refused, "echo", "echo", List.of(), Map.of()));
      };
  private static final SynLookup NO_SYNS =
      (client, port, patience) -> CompletableFuture.completedStage(Optional.empty());

  private final FaceCounters counters = new FaceCounters();
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
  private final LogGate gate = new LogGate();
  private long requests;
  private long most;
  private int closings;

  @Test
  void fiftyThousandRequestsBehaveAsTheModelSays() {
    fuzz(50_000, 20120628);
  }

  @Test
  @Tag("long")
  void tenMillionRequestsBehaveAsTheModelSays() {
    fuzz(10_000_000, Long.getLong("greyprint.seed", System.nanoTime()));
  }

  private void fuzz(long wanted, long firstSeed) {
    long seed = firstSeed;
    while (requests < wanted) {
      session(seed++);
    }
    System.out.println(
        "fuzzed "
            + (seed - firstSeed)
            + " connections, seed "
            + firstSeed
            + "; answered or refused "
            + requests
            + " requests, closed for "
            + counters.malformed()
            + ", most memory of a connection "
            + most
            + " octets");
    assertThat(counters.failed()).isZero();
    assertThat(counters.rejected()).isGreaterThan(wanted / 4);
    assertThat(counters.malformed()).isPositive();
    // A request and what one read brought, and the copy that is made when the two are joined.
    assertThat(most).isLessThan(4L * PolicySettings.MAX_REQUEST + 64 * 1024);
  }

  private void session(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    String stream = stream(random);
    PolicyModel model = new PolicyModel();
    model.take(stream);
    closings = 0;
    EmbeddedChannel channel =
        new EmbeddedChannel(
            new PolicyConnection(
                new PolicyDesk(
                    new Desk(ECHO, NO_SYNS, InstantSource.system(), FaceSettings.DEFAULT, counters),
                    "X-P0f-OS",
                    1000),
                PolicySettings.DEFAULT,
                gate,
                "1",
                () -> closings++));
    channel.config().setAllocator(memory);
    byte[] octets = stream.getBytes(ISO_8859_1);
    for (int at = 0; at < octets.length && channel.isOpen(); ) {
      int size = Math.min(octets.length - at, 1 + random.nextInt(1, 6000));
      channel.writeInbound(memory.heapBuffer(size, size).writeBytes(octets, at, size));
      at += size;
      most = Math.max(most, memory.metric().usedHeapMemory());
    }
    StringBuilder written = new StringBuilder();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      written.append(out.toString(ISO_8859_1));
      out.release();
    }
    requests += model.output().lines().filter(String::isEmpty).count() + (model.closed() ? 1 : 0);
    if (!written.toString().equals(model.output())
        || channel.isOpen() == model.closed() && !model.unsettled()) {
      assertThat(written.toString()).as("seed " + seed).isEqualTo(model.output());
      assertThat(channel.isOpen()).as("seed " + seed + ": open").isEqualTo(!model.closed());
    }
    channel.finishAndReleaseAll();
    if (memory.metric().usedHeapMemory() != 0 || closings != 1) {
      assertThat(memory.metric().usedHeapMemory()).as("seed " + seed + ": left behind").isZero();
      assertThat(closings).as("seed " + seed + ": told of its end").isEqualTo(1);
    }
  }

  private static String stream(SplittableRandom random) {
    StringBuilder stream = new StringBuilder();
    for (int count = random.nextInt(1, 12); count > 0; count--) {
      List<String> lines = new ArrayList<>(SOUND);
      lines.add("request=smtpd_access_policy");
      if (random.nextInt(3) == 0) {
        Collections.swap(lines, random.nextInt(lines.size()), random.nextInt(lines.size()));
      }
      for (int times = random.nextInt(4); times > 0; times--) {
        change(lines, random);
      }
      stream.append(String.join("\n", lines)).append("\n\n");
    }
    if (random.nextInt(10) == 0) {
      stream.setLength(random.nextInt(stream.length()));
    }
    return stream.toString();
  }

  private static void change(List<String> lines, SplittableRandom random) {
    int at = random.nextInt(lines.size());
    String line = lines.get(at);
    switch (random.nextInt(10)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(at, line);
      case 2 -> {
        int where = random.nextInt(line.length() + 1);
        String octet = String.valueOf((char) random.nextInt(256));
        lines.set(at, line.substring(0, where) + octet + line.substring(where));
      }
      case 3 -> lines.set(at, line.substring(0, random.nextInt(line.length() + 1)));
      case 4 -> {
        if (random.nextInt(20) == 0) {
          int length = random.nextInt(2) == 0 ? 8192 + random.nextInt(-3, 4) : 20_000;
          lines.set(at, line + "=" + "v".repeat(Math.max(0, length - line.length() - 1)));
        }
      }
      case 5 -> {
        if (random.nextInt(20) == 0) {
          lines.set(at, "n".repeat(512 + random.nextInt(-1, 3)) + "=" + line);
        }
      }
      case 6 -> {
        if (random.nextInt(20) == 0) {
          for (int i = random.nextInt(70, 80); i > 0; i--) {
            lines.add("more" + i + "=" + (random.nextInt(5) == 0 ? "x".repeat(5000) : ""));
          }
        }
      }
      default -> {
        if (random.nextInt(3) == 0) {
          lines.set(at, ODD.get(random.nextInt(ODD.size())));
        } else {
          lines.add(ODD.get(random.nextInt(15)));
        }
      }
    }
  }
}
