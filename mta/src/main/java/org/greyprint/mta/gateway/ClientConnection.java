// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.greyprint.mta.Alarm;
import org.greyprint.mta.gateway.GatewaySettings.Limits;
import org.greyprint.mta.gateway.GatewaySettings.Timeouts;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection: its octets become commands and message data, one thing at a time; replies
 * go back. Reads no further than it can pass on, and waits for nothing without an end.
 */
final class ClientConnection extends ChannelInboundHandlerAdapter {
  /** Unread octets of a client that are held at most, but for what one read brings more. */
  static final int HOLD = 32 << 10;

  /** Octets of message data that count as progress. */
  private static final int PROGRESS = 4096;

  private static final int AUTH_LINE = 12_288;
  private static final int SMALL = 512;

  /** What the octets mean. */
  private enum Mode {
    GREETING,
    COMMAND,
    RAW_LINE,
    DATA,
    CHUNK,
    CLOSED
  }

  private final Channel channel;
  private final Limits limits;
  private final Timeouts timeouts;
  private final GatewayCounters counters;
  private final Session session;

  private Mode mode = Mode.GREETING;
  private @Nullable ByteBuf input;
  private boolean busy;
  private boolean processing;
  private boolean inputOver;
  private boolean skippingLine;
  private int errors;
  private String end = "closed";

  private @Nullable DataPhase data;
  private @Nullable Consumer<Optional<String>> rawLine;
  private long chunkLeft;
  private boolean chunkLast;
  private @Nullable Runnable chunkDone;

  private final Alarm alarm;
  private long progress;

  ClientConnection(
      Channel channel, GatewaySettings settings, GatewayCounters counters, Session session) {
    this.channel = channel;
    this.limits = settings.limits();
    this.timeouts = settings.timeouts();
    this.counters = counters;
    this.session = session;
    this.alarm = new Alarm(channel.eventLoop(), this::ring);
  }

  // ---- What the session asks for

  /** Greets; only then are commands read. */
  void greet(Reply greeting) {
    mode = Mode.COMMAND;
    reply(greeting);
  }

  /** Whether octets are there that were not asked for yet. */
  boolean hasMore() {
    return input != null && input.isReadable();
  }

  /** Answers the command that is being worked on; the next one is read then. */
  void reply(Reply reply) {
    if (mode == Mode.CLOSED) {
      return;
    }
    if (reply.code() >= 500) {
      errors++;
      counters.errors.increment();
    }
    if (errors > limits.errors()) {
      end = "dropped";
      close(Reply.of(421, "4.7.0 Too many errors"));
      return;
    }
    if (errors > limits.tarpitAfter() && !limits.tarpit().isZero()) {
      channel
          .eventLoop()
          .schedule(() -> send(reply), limits.tarpit().toMillis(), TimeUnit.MILLISECONDS);
      return;
    }
    send(reply);
  }

  private void send(Reply reply) {
    if (mode == Mode.CLOSED) {
      return;
    }
    channel.write(wire(reply), channel.voidPromise());
    busy = false;
    alarm.set(mode == Mode.DATA || mode == Mode.CHUNK ? timeouts.data() : timeouts.command());
    if (!processing) {
      channel.flush();
      process();
    }
  }

  private ByteBuf wire(Reply reply) {
    String text = reply.text();
    ByteBuf wire = channel.alloc().directBuffer(text.length());
    wire.writeCharSequence(text, StandardCharsets.ISO_8859_1);
    return wire;
  }

  /** Answers and closes. */
  void close(Reply reply) {
    if (mode == Mode.CLOSED) {
      return;
    }
    mode = Mode.CLOSED;
    channel.writeAndFlush(wire(reply)).addListener(ChannelFutureListener.CLOSE);
  }

  /** Notes how it ends. */
  void ending(String how) {
    end = how;
  }

  /** Whether the client may be told 421 now, in the middle of nothing. */
  boolean idle() {
    return mode == Mode.COMMAND && !busy;
  }

  /** After the reply that follows, octets are a message's. */
  void startData(DataPhase phase) {
    data = phase;
    mode = Mode.DATA;
    progress = 0;
  }

  /** The octets that follow are a chunk's; {@code done} must answer. */
  void startChunk(@Nullable DataPhase phase, long length, boolean last, Runnable done) {
    data = phase;
    chunkLeft = length;
    chunkLast = last;
    chunkDone = done;
    mode = Mode.CHUNK;
    progress = 0;
    busy = false;
    alarm.set(timeouts.data());
    if (!processing) {
      process();
    }
  }

  /** The line after the reply that follows is not a command; empty if it held controls. */
  void expectLine(Consumer<Optional<String>> then) {
    rawLine = then;
    mode = Mode.RAW_LINE;
  }

  /** The message is over, whatever became of it. */
  void endData() {
    if (data != null) {
      data.close();
      data = null;
    }
  }

  /** The next hop takes data again. */
  void resume() {
    if ((mode == Mode.DATA || mode == Mode.CHUNK) && !busy) {
      progress = 0;
      alarm.set(timeouts.data());
      process();
    }
  }

  // ---- Reading

  @Override
  public void channelActive(ChannelHandlerContext context) {
    session.opened();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (!(message instanceof ByteBuf bytes) || mode == Mode.CLOSED) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (mode == Mode.DATA || mode == Mode.CHUNK) {
      progress += bytes.readableBytes();
      if (progress >= PROGRESS) {
        progress = 0;
        alarm.set(timeouts.data());
      }
    } else if (!hasMore()) {
      session.talked();
    }
    input =
        input == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), input, bytes);
    process();
  }

  private void process() {
    if (processing) {
      return;
    }
    processing = true;
    try {
      while (!busy && mode != Mode.CLOSED && mode != Mode.GREETING && step()) {
        continue;
      }
    } finally {
      processing = false;
    }
    ByteBuf rest = input;
    if (rest != null && (!rest.isReadable() || mode == Mode.CLOSED)) {
      rest.release();
      input = null;
    } else if (rest != null) {
      input = shrunk(rest);
    }
    channel.flush();
    if (inputOver && !busy && mode != Mode.CLOSED) {
      mode = Mode.CLOSED;
      channel.close();
      return;
    }
    regulate();
  }

  /** What waits for more does not hold a large buffer: a client may take minutes for a line. */
  private ByteBuf shrunk(ByteBuf rest) {
    int size = rest.readableBytes();
    if (size <= SMALL && rest.capacity() > 4 * SMALL) {
      ByteBuf small = channel.alloc().directBuffer(Math.max(2 * size, 64)).writeBytes(rest);
      rest.release();
      return small;
    }
    if (rest.readerIndex() > HOLD) {
      rest.discardSomeReadBytes();
    }
    return rest;
  }

  /** Reads only while what was read can go on. */
  private void regulate() {
    boolean full = input != null && input.readableBytes() >= HOLD;
    DataPhase phase = data;
    boolean blocked = phase != null && !phase.writable();
    boolean read = !full && !blocked;
    if (channel.config().isAutoRead() != read) {
      channel.config().setAutoRead(read);
    }
  }

  /** Takes one step; false if more octets are needed for it. */
  private boolean step() {
    ByteBuf bytes = input;
    if (mode == Mode.CHUNK) {
      return stepChunk(bytes);
    }
    if (bytes == null || !bytes.isReadable()) {
      return false;
    }
    return mode == Mode.DATA ? stepData(bytes) : stepLine(bytes);
  }

  private boolean stepData(ByteBuf bytes) {
    DataPhase phase = java.util.Objects.requireNonNull(data);
    if (!phase.writable() || !phase.feed(bytes)) {
      return false;
    }
    mode = Mode.COMMAND;
    busy = true;
    session.dataOver();
    return true;
  }

  private boolean stepChunk(@Nullable ByteBuf bytes) {
    DataPhase phase = data;
    if (phase != null && !phase.writable()) {
      return false;
    }
    int present = bytes == null ? 0 : (int) Math.min(chunkLeft, bytes.readableBytes());
    if (present == 0 && chunkLeft > 0) {
      return false;
    }
    chunkLeft -= present;
    boolean over = chunkLeft == 0;
    if (phase != null) {
      ByteBuf part =
          bytes == null || present == 0
              ? channel.alloc().buffer(0)
              : bytes.readRetainedSlice(present);
      phase.feedChunk(part, over && chunkLast);
    } else if (bytes != null) {
      bytes.skipBytes(present);
    }
    if (over) {
      mode = Mode.COMMAND;
      busy = true;
      java.util.Objects.requireNonNull(chunkDone).run();
    }
    return true;
  }

  private boolean stepLine(ByteBuf bytes) {
    int longest = mode == Mode.RAW_LINE ? AUTH_LINE : longest(bytes);
    int start = bytes.readerIndex();
    int lf = bytes.indexOf(start, Math.min(bytes.writerIndex(), start + longest), (byte) '\n');
    if (lf < 0) {
      if (bytes.readableBytes() < longest) {
        return false;
      }
      skippingLine = true;
      bytes.skipBytes(longest);
      return true;
    }
    if (skippingLine) {
      skippingLine = false;
      bytes.readerIndex(lf + 1);
      busy = true;
      if (mode == Mode.RAW_LINE) {
        mode = Mode.COMMAND;
        java.util.Objects.requireNonNull(rawLine).accept(Optional.empty());
      } else {
        session.malformed("500 5.5.2 The line is too long");
      }
      return true;
    }
    busy = true;
    Optional<Command> command = Command.read(bytes, lf);
    if (mode == Mode.RAW_LINE) {
      mode = Mode.COMMAND;
      java.util.Objects.requireNonNull(rawLine).accept(command.map(Command::line));
    } else if (command.isEmpty()) {
      session.malformed("500 5.5.2 The line holds control characters");
    } else {
      session.command(command.get());
    }
    return true;
  }

  private int longest(ByteBuf bytes) {
    boolean auth =
        bytes.readableBytes() > 5
            && bytes
                .toString(bytes.readerIndex(), 5, StandardCharsets.ISO_8859_1)
                .equalsIgnoreCase("AUTH ");
    return auth ? AUTH_LINE : limits.commandLine();
  }

  // ---- Time

  private void ring() {
    if (mode == Mode.CLOSED || !channel.isActive()) {
      return;
    }
    if (busy) {
      // The next hop and the decision have limits of their own.
      alarm.set(timeouts.command());
      return;
    }
    counters.timeouts.increment();
    DataPhase phase = data;
    if (phase != null && !phase.writable()) {
      phase.fail(Reply.away("stopped reading"));
      alarm.set(timeouts.data());
      process();
      return;
    }
    end = "timeout";
    close(Reply.of(421, "4.4.2 Timeout, closing"));
  }

  // ---- The end

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      inputOver = true;
      process();
    } else {
      context.fireUserEventTriggered(event);
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (!context.channel().isWritable()) {
      // A client that asks and does not read the answers.
      end = "dropped";
      mode = Mode.CLOSED;
      context.close();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    mode = Mode.CLOSED;
    alarm.end();
    if (input != null) {
      input.release();
      input = null;
    }
    endData();
    session.over(end);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    boolean closed = cause instanceof java.nio.channels.ClosedChannelException;
    if (end.equals("closed") && cause instanceof java.io.IOException && !closed) {
      end = "reset";
    }
    session.trouble(cause);
    context.close();
  }
}
