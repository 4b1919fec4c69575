// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MilterConnectionTest {
  private final List<String> log = new ArrayList<>();
  private final MilterCounters counters = new MilterCounters();

  private EmbeddedChannel filter(Wishes wishes, Handler.Factory handlers) {
    return new EmbeddedChannel(
        new MilterConnection(
            new MilterConnection.Shared(
                MilterSettings.DEFAULT,
                wishes,
                handlers,
                counters,
                new AtomicLong(),
                new LogGate(),
                new LogGate())));
  }

  private EmbeddedChannel stamp() {
    return filter(StampFilter.WISHES, session -> new StampFilter(session, log));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "postfix-two-messages.txt",
        "sendmail-ipv6.txt",
        "version-2.txt",
        "version-3.txt",
        "version-4.txt",
        "version-5.txt",
        "starttls.txt",
        "replies.txt",
        "next-connection.txt",
        "before-negotiation.txt",
        "too-old.txt",
        "bad-command.txt",
        "bad-length.txt"
      })
  void answersAsWritten(String transcript) throws Exception {
    List<String> lines = Transcript.read(transcript);
    assertThat(Transcript.play(lines, stamp())).isEqualTo(lines);
  }

  @Test
  void tellsTheHandlerOfEveryMessageAndOfTheEnd() throws Exception {
    EmbeddedChannel channel = stamp();
    Transcript.play(Transcript.read("postfix-two-messages.txt"), channel);
    assertThat(log)
        .containsExactly(
            "connect /10.77.0.23 41234",
            "mail <a@example.org> by -",
            "mail <b@example.org> by bob",
            "aborted",
            "closed");
    assertThat(channel.isOpen()).isFalse();
    assertThat(counters.open()).isZero();
    assertThat(counters.sessions()).isEqualTo(1);
    assertThat(channel.runScheduledPendingTasks())
        .as("nothing waits for it any more")
        .isEqualTo(-1);
  }

  @Test
  void makesNoDifferenceHowTheStreamIsCut() throws Exception {
    List<String> lines = Transcript.read("postfix-two-messages.txt");
    ByteBuf stream = Unpooled.buffer();
    int expected = 0;
    for (String line : lines) {
      if (line.startsWith(">")) {
        stream.writeBytes(Transcript.frame(line.substring(1).strip()));
      } else if (line.startsWith("<")) {
        expected += Transcript.frame(line.substring(1).strip()).readableBytes();
      }
    }
    for (int size = 1; size < 40; size++) {
      EmbeddedChannel channel = stamp();
      ByteBuf rest = stream.duplicate();
      while (rest.isReadable() && channel.isOpen()) {
        channel.writeInbound(rest.readBytes(Math.min(size, rest.readableBytes())));
      }
      int octets = 0;
      for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
        octets += out.readableBytes();
        out.release();
      }
      assertThat(octets).as("cut into pieces of " + size).isEqualTo(expected);
    }
  }

  @Test
  void writesAllChangesAtOnce() throws Exception {
    EmbeddedChannel channel = stamp();
    for (String line :
        List.of(
            "O 00000006 000001ff 001fffff",
            "C \"h\" 34 0400 \"192.0.2.1\"",
            "M \"<a@b>\"",
            "R \"<c@d>\"",
            "L \"X-Stamp\" \"forged\"")) {
      channel.writeInbound(Transcript.frame(line));
    }
    channel.releaseOutbound();
    channel.writeInbound(Transcript.frame("E"));
    assertThat(channel.outboundMessages()).hasSize(1);
    assertThat(channel.finishAndReleaseAll()).isTrue();
  }

  private static final class Slow implements Handler {
    private final CompletableFuture<Reply.Verdict> answer = new CompletableFuture<>();

    @Override
    public CompletionStage<Reply.Verdict> rcpt(Command.Rcpt rcpt) {
      return answer;
    }
  }

  @Test
  void goesOnWithoutAnAnswerAtTheDeadlineAndIgnoresALateOne() {
    Slow slow = new Slow();
    EmbeddedChannel channel = filter(StampFilter.WISHES, session -> slow);
    channel.freezeTime();
    begin(channel);
    channel.writeInbound(Transcript.frame("R \"<c@d>\""));
    assertThat(channel.outboundMessages()).isEmpty();
    assertThat(channel.config().isAutoRead()).isFalse();

    channel.advanceTimeBy(4_999, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.outboundMessages()).isEmpty();
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(replies(channel)).containsExactly("c");
    assertThat(channel.config().isAutoRead()).isTrue();
    assertThat(counters.late()).isEqualTo(1);

    slow.answer.complete(new Reply.Tempfail());
    channel.runPendingTasks();
    assertThat(replies(channel)).isEmpty();
  }

  @Test
  void keepsTheOrderOfCommandsThatCameWhileItWaited() {
    Slow slow = new Slow();
    EmbeddedChannel channel = filter(StampFilter.WISHES, session -> slow);
    begin(channel);
    channel.writeInbound(
        Unpooled.wrappedBuffer(
            Transcript.frame("R \"<c@d>\""), Transcript.frame("T"), Transcript.frame("E")));
    assertThat(replies(channel)).isEmpty();
    slow.answer.complete(Reply.Code.of(451, "4.7.1", "later"));
    channel.runPendingTasks();
    assertThat(replies(channel)).containsExactly("y", "c", "c");
  }

  @Test
  void goesOnWhenTheHandlerFails() {
    EmbeddedChannel channel =
        filter(
            StampFilter.WISHES,
            session ->
                new Handler() {
                  @Override
                  public CompletionStage<Reply.Verdict> rcpt(Command.Rcpt rcpt) {
                    throw new IllegalStateException("a bug");
                  }

                  @Override
                  public CompletionStage<Reply.Verdict> data() {
                    return CompletableFuture.failedStage(new IllegalStateException("another"));
                  }
                });
    begin(channel);
    channel.writeInbound(Transcript.frame("R \"<c@d>\""));
    channel.writeInbound(Transcript.frame("T"));
    channel.runPendingTasks();
    assertThat(replies(channel)).containsExactly("c", "c");
    assertThat(counters.failed()).isEqualTo(2);
  }

  @Test
  void leavesOutWhatWasNotAgreed() {
    EmbeddedChannel channel =
        filter(
            new Wishes(Actions.ADD_HEADERS, 0, java.util.Map.of()),
            session ->
                new Handler() {
                  @Override
                  public CompletionStage<Reply.Verdict> connect(Command.Connect client) {
                    return CompletableFuture.completedStage(new Reply.Discard());
                  }

                  @Override
                  public CompletionStage<Ending> endOfMessage(Command.EndOfMessage end) {
                    return CompletableFuture.completedStage(
                        new Ending(
                            List.of(
                                new Reply.ChangeHeader(1, "A", ""),
                                new Reply.AddHeader("B", "b"),
                                new Reply.AddRecipient("<x@y>", ""),
                                new Reply.Quarantine("q")),
                            new Reply.Accept()));
                  }
                });
    begin(channel);
    channel.writeInbound(Transcript.frame("E"));
    assertThat(replies(channel)).containsExactly("h", "a");
    assertThat(counters.notAgreed()).isEqualTo(4);
  }

  @Test
  void closesWhenNothingComesForTooLong() {
    EmbeddedChannel channel = stamp();
    channel.freezeTime();
    begin(channel);
    long idle = MilterSettings.DEFAULT.idle().toMillis();
    channel.advanceTimeBy(idle - 1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.writeInbound(Transcript.frame("A"));
    channel.advanceTimeBy(idle - 1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isTrue();
    channel.advanceTimeBy(1, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
    assertThat(channel.isOpen()).isFalse();
    assertThat(counters.idle()).isEqualTo(1);
    assertThat(counters.open()).isZero();
  }

  private static void begin(EmbeddedChannel channel) {
    channel.writeInbound(Transcript.frame("O 00000006 000001ff 001fffff"));
    channel.writeInbound(Transcript.frame("C \"h\" 34 0400 \"192.0.2.1\""));
    channel.writeInbound(Transcript.frame("M \"<a@b>\""));
    replies(channel);
  }

  /** The command bytes of what was written. */
  private static List<String> replies(EmbeddedChannel channel) {
    List<String> replies = new ArrayList<>();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      while (out.isReadable()) {
        ByteBuf frame = out.readSlice(out.readInt());
        replies.add(String.valueOf((char) frame.getByte(0)));
      }
      out.release();
    }
    return replies;
  }
}
