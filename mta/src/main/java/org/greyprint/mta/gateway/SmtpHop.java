// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.greyprint.mta.Alarm;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A next hop that speaks SMTP or LMTP: one connection, on which each command waits for the answer
 * to the one before. Small messages leave in one write: up to {@value #CORK} octets wait for more,
 * or for the end, since the next hop can do nothing with half of them.
 */
final class SmtpHop extends ChannelInboundHandlerAdapter implements Hop {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpHop.class);
  private static final int MAX_USES = 100;
  private static final Duration REST = Duration.ofSeconds(2);
  private static final Duration GOODBYE = Duration.ofSeconds(5);
  static final int CORK = 16 << 10;
  private static final int CORK_PARTS = 32;
  private static final ByteBuf END =
      Unpooled.unreleasableBuffer(
          Unpooled.directBuffer(3, 3).writeBytes(new byte[] {'.', '\r', '\n'}).asReadOnly());

  /** Makes the connection. */
  @FunctionalInterface
  interface Connector {
    /**
     * Connects.
     *
     * @param then gets the connection, on its event loop; empty if none of the addresses answers
     */
    void connect(Consumer<Optional<Channel>> then);
  }

  private final GatewaySettings settings;
  private final Connector connector;
  private final HopGreeting greeting;
  private final EventLoop loop;
  private final Alarm alarm;
  private final ReplyReader reader = new ReplyReader();

  private Owner owner;
  private @Nullable Channel channel;
  private @Nullable ByteBuf input;
  private @Nullable Consumer<Reply> waiting;
  private String late = "";
  private boolean dead;
  private boolean resting;
  private boolean leaving;
  private boolean troubled;
  private boolean inTransaction;
  private int uses;
  private int held;
  private int heldParts;
  private @Nullable Reply early;

  SmtpHop(
      GatewaySettings settings,
      HopTlsContext tls,
      HopTraits traits,
      Connector connector,
      EventLoop loop,
      Owner owner) {
    this.settings = settings;
    this.connector = connector;
    this.greeting = new HopGreeting(this, settings, tls, traits);
    this.loop = loop;
    this.owner = owner;
    this.alarm = new Alarm(loop, this::late);
  }

  // ---- For the session

  @Override
  public void greet(Caller caller, Consumer<Reply> then) {
    Reply known = greeting.answered(caller);
    if (known != null && inTransaction) {
      command("RSET", reply -> then.accept(reply.ok() ? known : reply));
    } else if (known != null) {
      then.accept(known);
    } else if (channel != null) {
      greeting.hello(caller, then);
    } else {
      connector.connect(open -> connected(open, caller, then));
    }
  }

  private void connected(Optional<Channel> reached, Caller caller, Consumer<Reply> then) {
    if (reached.isEmpty()) {
      if (!dead) {
        dead = true;
        then.accept(Reply.away("cannot be reached"));
      }
      return;
    }
    Channel open = reached.get();
    if (dead) {
      open.close();
      return;
    }
    channel = open;
    open.pipeline().addLast(this);
    greeting.first(open, caller, then);
  }

  @Override
  public boolean knows(Caller caller) {
    return greeting.knows(caller);
  }

  @Override
  public Capabilities capabilities() {
    return greeting.capabilities();
  }

  @Override
  public boolean introduced() {
    return greeting.introduced();
  }

  @Override
  public boolean reused() {
    return uses > 0;
  }

  @Override
  public void command(String line, Consumer<Reply> then) {
    Channel open = channel;
    if (dead || open == null) {
      then.accept(Reply.away("went away"));
      return;
    }
    if (hasMore()) {
      refused("talks without being asked");
      then.accept(lose("is out of step"));
      return;
    }
    remember(line);
    ByteBuf wire = open.alloc().directBuffer(line.length() + 2);
    wire.writeCharSequence(line, StandardCharsets.ISO_8859_1);
    ByteBufUtil.writeShortBE(wire, 0x0d0a);
    open.writeAndFlush(wire, open.voidPromise());
    expect(settings.timeouts().reply(), then);
  }

  private void remember(String line) {
    if (line.length() < 4) {
      return;
    }
    switch (line.substring(0, 4).toUpperCase(Locale.ROOT)) {
      case "MAIL" -> inTransaction = true;
      case "RSET", "EHLO", "HELO", "LHLO" -> inTransaction = false;
      default -> {}
    }
  }

  @Override
  public void data(ByteBuf wire) {
    Channel open = channel;
    if (dead || open == null) {
      wire.release();
      return;
    }
    held += wire.readableBytes();
    heldParts++;
    open.write(wire, open.voidPromise());
  }

  @Override
  public void flush() {
    if (channel != null && (held >= CORK || heldParts >= CORK_PARTS)) {
      held = 0;
      heldParts = 0;
      channel.flush();
    }
  }

  @Override
  public boolean writable() {
    return dead || channel == null || channel.isWritable();
  }

  @Override
  public void end(int recipients, Consumer<List<Reply>> then) {
    Channel open = channel;
    if (dead || open == null) {
      then.accept(List.of(early != null ? early : Reply.away("went away")));
      return;
    }
    if (hasMore()) {
      refused("answered before the end of a message");
      then.accept(List.of(lose("is out of step")));
      return;
    }
    held = 0;
    heldParts = 0;
    open.writeAndFlush(END.duplicate(), open.voidPromise());
    boolean lmtp = settings.nextHop() instanceof NextHop.Lmtp;
    collect(new ArrayList<>(1), lmtp ? recipients : 1, then);
  }

  private void collect(List<Reply> replies, int count, Consumer<List<Reply>> then) {
    expect(
        settings.timeouts().endOfData(),
        reply -> {
          replies.add(reply);
          if (dead || replies.size() == count) {
            inTransaction = false;
            then.accept(replies);
          } else {
            collect(replies, count, then);
          }
        });
  }

  @Override
  public boolean alive() {
    return !dead;
  }

  @Override
  public void abort() {
    dead = true;
    waiting = null;
    alarm.end();
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public void quit() {
    if (dead || channel == null || waiting != null) {
      abort();
      return;
    }
    leaving = true;
    command("QUIT", reply -> abort());
    alarm.set(GOODBYE);
  }

  // ---- For Spares

  /**
   * Keeps the connection for another session. Not if the next hop was told who the client is, or
   * refused anything: its memory must not hit others.
   *
   * @return false if it cannot be kept
   */
  boolean rest() {
    boolean bound = greeting.introduced() || greeting.introducing();
    if (dead || channel == null || waiting != null || hasMore() || bound || troubled) {
      return false;
    }
    if (uses >= MAX_USES) {
      return false;
    }
    owner = () -> {};
    resting = true;
    alarm.set(REST);
    return true;
  }

  /** Whether it rests still: it may have died, or be saying goodbye. */
  boolean idle() {
    return !dead && waiting == null;
  }

  /** Whether it can be used without being greeted again. */
  boolean fits(Caller caller) {
    return greeting.sameWords(caller);
  }

  /** Takes a connection that rested into use. */
  void use(Owner next) {
    resting = false;
    alarm.clear();
    owner = next;
    uses++;
  }

  // ---- For HopGreeting

  Channel channel() {
    return Objects.requireNonNull(channel);
  }

  boolean hasMore() {
    return input != null && input.isReadable();
  }

  /** Waits for a reply, so long. */
  void expect(Duration limit, Consumer<Reply> then) {
    if (dead) {
      // The write failed at once, while nobody waited yet: no event will tell of it any more.
      then.accept(Reply.away("broke the connection"));
      return;
    }
    waiting = then;
    alarm.set(limit);
    if (hasMore()) {
      // Several replies to one message, as LMTP has them.
      loop.execute(this::deliver);
    }
  }

  /** Gives it up; the reply to give for that. */
  Reply lose(String why) {
    abort();
    return Reply.away(why);
  }

  // ---- Replies

  private void late() {
    if (resting) {
      resting = false;
      quit();
    } else if (leaving) {
      abort();
    } else if (waiting != null) {
      refused("did not answer in time");
      fail(Reply.away("did not answer in time"));
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (dead || !(message instanceof ByteBuf bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    input =
        input == null
            ? bytes
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(context.alloc(), input, bytes);
    deliver();
  }

  private void deliver() {
    ByteBuf bytes = input;
    if (dead || bytes == null) {
      return;
    }
    boolean asked = waiting != null;
    ReplyReader.Read read = reader.next(bytes);
    if (!bytes.isReadable()) {
      bytes.release();
      input = null;
    }
    switch (read) {
      case ReplyReader.Read.Whole(Reply reply) -> {
        if (asked) {
          answer(reply);
        } else {
          unasked(reply);
        }
      }
      case ReplyReader.Read.Bad(String problem) -> {
        refused("sent " + problem);
        fail(Reply.away("sent " + problem));
      }
      case ReplyReader.Read.Partial ignored -> {}
    }
  }

  /** Nothing was asked: a refusal in the middle of a message, or a goodbye, or it is mad. */
  private void unasked(Reply reply) {
    if (reply.failed() && reply.code() != 421) {
      early = reply;
    }
    if (reply.code() != 421) {
      refused("spoke without being asked: " + reply.code() + " " + reply.first());
    }
    abort();
    owner.writable();
  }

  private void answer(Reply reply) {
    alarm.clear();
    Consumer<Reply> then = waiting;
    waiting = null;
    troubled |= reply.failed();
    if (reply.code() == 421) {
      // It closes: what the client gets is for the session, whose client may go on.
      abort();
    }
    if (then != null) {
      then.accept(reply.code() == 421 ? Reply.away("does not take mail now") : reply);
    }
  }

  private void fail(Reply reply) {
    Consumer<Reply> then = waiting;
    abort();
    if (then != null) {
      then.accept(reply);
    }
  }

  private void refused(String what) {
    LOG.warn("next hop {} {}", settings.nextHop(), what);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      owner.writable();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    if (!dead) {
      fail(Reply.away("closed the connection"));
      owner.writable();
    }
    if (input != null) {
      input.release();
      input = null;
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (!dead) {
      LOG.debug("next hop {}: {}", settings.nextHop(), String.valueOf(cause.getMessage()));
      fail(Reply.away("broke the connection"));
      owner.writable();
    }
  }
}
