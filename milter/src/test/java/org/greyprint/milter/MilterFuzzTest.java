// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * Mutated frames against {@link ReferenceFilter}: the same octets must come out, the connection
 * must be closed where the model says so, no exception may escape, and no buffer may stay behind or
 * grow beyond a frame and what one read brings.
 */
class MilterFuzzTest {
  private static final List<String> SOUND =
      List.of(
          "D 43 \"j\" \"mx.example.net\" \"{daemon_name}\" \"smtpd\"",
          "C \"pc.example.org\" 34 a112 \"10.77.0.23\"",
          "C \"[IPv6:fd77::23]\" 36 a112 \"IPv6:fd77::23\"",
          "C \"h\" 55",
          "H \"pc.example.org\"",
          "D 4d \"i\" \"4XYZ\" \"{auth_authen}\" \"bob\"",
          "M \"<a@example.org>\" \"SIZE=400\" \"BODY=8BITMIME\"",
          "R \"<u%25@example.net>\"",
          "T",
          "L \"Subject\" \"hello\\n\\tworld\"",
          "L \"X-Stamp\" \"forged\"",
          "L \"x-sTAMP\" \"forged\"",
          "N",
          "B 61626364650d0a",
          "E",
          "E 6161",
          "A",
          "K",
          "U \"FOO bar\"");

  private static final MilterSettings SETTINGS =
      new MilterSettings(
          MilterSettings.DEFAULT.deadline(),
          MilterSettings.DEFAULT.idle(),
          ReferenceFilter.MAX_FRAME,
          10,
          1);

  private final byte[][] sound = SOUND.stream().map(MilterFuzzTest::octets).toArray(byte[][]::new);
  private final byte[] offer = octets("O 00000006 000001ff 001fffff");
  private final MilterCounters counters = new MilterCounters();
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false);
  private long frames;
  private long most;

  private static byte[] octets(String frame) {
    ByteBuf octets = Transcript.frame(frame);
    return Arrays.copyOf(octets.array(), octets.readableBytes());
  }

  @Test
  void aMillionFramesBehaveAsTheModelSays() {
    fuzz(1_000_000, 20120628);
  }

  @Test
  void tenMillionFramesBehaveAsTheModelSays() {
    fuzz(10_000_000, Long.getLong("greyprint.seed", System.nanoTime()));
  }

  private void fuzz(long wanted, long firstSeed) {
    long seed = firstSeed;
    // Only frames that were looked at count, not those behind one that closed the connection.
    while (counters.commands() + counters.malformed() < wanted) {
      session(seed++);
    }
    System.out.println(
        "fuzzed "
            + frames
            + " frames in "
            + (seed - firstSeed)
            + " sessions, seed "
            + firstSeed
            + "; looked at "
            + counters.commands()
            + ", closed for "
            + counters.malformed()
            + ", most memory of a connection "
            + most
            + " octets");
    assertThat(counters.failed()).isZero();
    assertThat(counters.malformed()).isPositive();
    assertThat(counters.open()).isZero();
    // A frame and what one read brought, and the copy that is made when the two are joined.
    assertThat(most).isLessThan(4L * ReferenceFilter.MAX_FRAME + 64 * 1024);
  }

  private void session(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] stream = stream(random);
    ReferenceFilter model = new ReferenceFilter();
    model.take(stream);

    EmbeddedChannel channel =
        new EmbeddedChannel(
            new MilterConnection(
                new MilterConnection.Shared(
                    SETTINGS,
                    ReferenceFilter.WISHES,
                    session -> new ReferenceFilter.Echo(),
                    counters,
                    new AtomicLong(),
                    new LogGate(),
                    new LogGate())));
    channel.config().setAllocator(memory);
    int at = 0;
    while (at < stream.length && channel.isOpen()) {
      int size = Math.min(stream.length - at, 1 + random.nextInt(1, 3000));
      ByteBuf piece = memory.heapBuffer(size, size).writeBytes(stream, at, size);
      at += size;
      channel.writeInbound(piece);
      most = Math.max(most, memory.metric().usedHeapMemory());
    }
    ByteBuf written = Unpooled.buffer();
    for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
      written.writeBytes(out);
      out.release();
    }
    byte[] real = Arrays.copyOf(written.array(), written.readableBytes());
    if (!Arrays.equals(real, model.output()) || channel.isOpen() == model.closed()) {
      assertThat(real).as("seed " + seed).isEqualTo(model.output());
      assertThat(channel.isOpen()).as("seed " + seed + ": open").isEqualTo(!model.closed());
    }
    channel.finishAndReleaseAll();
    if (memory.metric().usedHeapMemory() != 0) {
      assertThat(memory.metric().usedHeapMemory()).as("seed " + seed + ": left behind").isZero();
    }
  }

  /** A session of up to a hundred frames, most of them changed. */
  private byte[] stream(SplittableRandom random) {
    ByteArrayOutputStream stream = new ByteArrayOutputStream(4096);
    boolean keepsFraming = random.nextInt(4) != 0;
    List<byte[]> session = new ArrayList<>();
    session.add(random.nextInt(50) == 0 ? mutate(offer, random, keepsFraming) : offer);
    for (int count = random.nextInt(1, 100); count > 0; count--) {
      byte[] frame = sound[random.nextInt(sound.length)];
      session.add(random.nextInt(8) == 0 ? frame : mutate(frame, random, keepsFraming));
    }
    for (byte[] frame : session) {
      frames++;
      stream.writeBytes(frame);
    }
    return stream.toByteArray();
  }

  private byte[] mutate(byte[] frame, SplittableRandom random, boolean keepsFraming) {
    byte[] changed = frame.clone();
    // The command byte stays in most frames, so that their data is looked at.
    int from = keepsFraming ? 5 : 0;
    for (int times = random.nextInt(1, 4); times > 0; times--) {
      switch (random.nextInt(6)) {
        case 0 -> {
          if (changed.length > from) {
            changed[random.nextInt(from, changed.length)] ^= (byte) (1 << random.nextInt(8));
          }
        }
        case 1 -> {
          if (changed.length > from) {
            changed[random.nextInt(from, changed.length)] = (byte) random.nextInt();
          }
        }
        case 2 -> changed = Arrays.copyOf(changed, random.nextInt(5, changed.length + 1));
        case 3 -> {
          int old = changed.length;
          changed = Arrays.copyOf(changed, old + random.nextInt(1, 12));
          for (int i = old; i < changed.length; i++) {
            changed[i] = (byte) random.nextInt();
          }
        }
        case 4 -> {
          if (changed.length > 5) {
            changed[random.nextInt(5, changed.length)] = 0;
          }
        }
        default -> {
          if (random.nextInt(40) == 0) {
            changed = Arrays.copyOf(changed, random.nextInt(5, 2 * ReferenceFilter.MAX_FRAME));
          } else {
            byte[] other = sound[random.nextInt(sound.length)];
            byte[] joined = Arrays.copyOf(changed, changed.length + other.length);
            System.arraycopy(other, 0, joined, changed.length, other.length);
            changed = joined;
          }
        }
      }
    }
    if (keepsFraming && frame[frame.length - 1] == 0 && random.nextInt(50) != 0) {
      changed[changed.length - 1] = 0;
    }
    if (keepsFraming || random.nextBoolean()) {
      ByteBuffer.wrap(changed).putInt(0, changed.length - 4);
    }
    return changed;
  }
}
