// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.greyprint.decision.Continuations;
import org.greyprint.milter.LogGate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the policy service. Requests of many SMTP sessions follow one another on it;
 * little is read ahead while one is being answered, and a connection without a request holds no
 * buffer. All methods run on the channel's event loop.
 */
final class PolicyConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyConnection.class);

  /** The user event that asks it to close as soon as no request is under way. */
  static final Object LEAVE = new Object();

  /** Octets; Postfix sends its next request only after the answer. */
  private static final int AHEAD = 16_384;

  private final PolicyDesk desk;
  private final PolicySettings settings;
  private final LogGate malformed;
  private final String name;
  private final Runnable onClose;
  private @Nullable ByteBuf buffer;
  private int looked;
  private boolean draining;
  private boolean waiting;
  private boolean noMore;
  private boolean leaving;
  private boolean ended;
  private long turn;
  private long since;

  /** Cancelled when the connection closes, which it would keep in memory. */
  private @Nullable Future<?> idle;

  /** Until when there must be an answer; for a connection that has had to wait for one. */
  private @Nullable Alarm deadline;

  PolicyConnection(
      PolicyDesk desk, PolicySettings settings, LogGate malformed, String name, Runnable onClose) {
    this.desk = desk;
    this.settings = settings;
    this.malformed = malformed;
    this.name = name;
    this.onClose = onClose;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    since = now(ctx);
    watch(ctx, settings.request().toNanos());
  }

  private static long now(ChannelHandlerContext ctx) {
    return ctx.executor().ticker().nanoTime();
  }

  /** Closes a connection that is idle, or in the middle of a request, for too long. */
  private void watch(ChannelHandlerContext ctx, long nanos) {
    idle =
        ctx.executor()
            .schedule(
                () -> {
                  if (ended) {
                    return;
                  }
                  long limit = (buffer == null ? settings.idle() : settings.request()).toNanos();
                  long left = limit - (now(ctx) - since);
                  if (left <= 0 && !waiting) {
                    ctx.close();
                  } else {
                    watch(ctx, Math.clamp(left, 1_000_000, settings.request().toNanos()));
                  }
                },
                nanos,
                TimeUnit.NANOSECONDS);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (ended || !(message instanceof ByteBuf in)) {
      ReferenceCountUtil.release(message);
      return;
    }
    if (buffer == null) {
      since = now(ctx);
      buffer = in;
    } else {
      buffer = ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), buffer, in);
    }
    if (waiting && buffer.readableBytes() > AHEAD) {
      ctx.channel().config().setAutoRead(false);
    }
    drain(ctx);
  }

  private void drain(ChannelHandlerContext ctx) {
    if (draining) {
      return;
    }
    draining = true;
    try {
      while (!waiting && !ended && next(ctx)) {}
    } finally {
      draining = false;
    }
    if (buffer != null && (ended || !buffer.isReadable())) {
      buffer.release();
      buffer = null;
    }
    if (noMore && !waiting && !ended) {
      ctx.close();
    }
    leave(ctx);
  }

  private void leave(ChannelHandlerContext ctx) {
    if (leaving && !waiting && !ended && buffer == null) {
      ctx.close();
    }
  }

  private boolean next(ChannelHandlerContext ctx) {
    ByteBuf in = buffer;
    if (in == null || !in.isReadable()) {
      return false;
    }
    switch (PolicyRequest.read(in, looked)) {
      case PolicyRequest.Read.Partial partial -> {
        looked = in.readableBytes();
        return false;
      }
      case PolicyRequest.Read.Bad bad -> bad(ctx, bad.problem());
      case PolicyRequest.Read.Whole(PolicyRequest request) -> {
        looked = 0;
        since = now(ctx);
        if (request.isAccessPolicy()) {
          answer(ctx, request);
        } else {
          bad(ctx, "request=" + request.get(PolicyRequest.Attribute.REQUEST));
        }
      }
    }
    return true;
  }

  /** Without an answer, so that Postfix asks again and then does what its default action says. */
  private void bad(ChannelHandlerContext ctx, String problem) {
    desk.counters().malformed.increment();
    if (malformed.open()) {
      LOG.warn("bad policy request from {}: {}; closing", ctx.channel().remoteAddress(), problem);
    }
    finish();
    ctx.close();
  }

  private void answer(ChannelHandlerContext ctx, PolicyRequest request) {
    CompletionStage<String> stage;
    try {
      stage = desk.answer(request, name + "." + turn);
    } catch (RuntimeException e) {
      stage = CompletableFuture.failedStage(e);
    }
    CompletableFuture<String> future = stage.toCompletableFuture();
    long mine = ++turn;
    if (future.isDone() && !future.isCompletedExceptionally()) {
      write(ctx, future.join());
      return;
    }
    waiting = true;
    deadline(ctx).set(settings.deadline());
    var unused =
        future.whenComplete((action, error) ->
            Continuations.execute(
                ctx.executor(),
                () -> {
                  if (error != null) {
                    LOG.error("a policy request could not be answered", error);
                  }
                  resume(ctx, mine, error == null ? action : PolicyDesk.DUNNO, error != null);
                }));
  }

  private Alarm deadline(ChannelHandlerContext ctx) {
    Alarm alarm = deadline;
    if (alarm == null) {
      alarm = new Alarm(ctx.executor(), () -> resume(ctx, turn, PolicyDesk.DUNNO, true));
      deadline = alarm;
    }
    return alarm;
  }

  private void resume(ChannelHandlerContext ctx, long mine, String action, boolean failed) {
    if (!waiting || mine != turn) {
      return;
    }
    waiting = false;
    turn++;
    if (deadline != null) {
      deadline.clear();
    }
    if (failed) {
      desk.counters().failed.increment();
    }
    if (ended) {
      return;
    }
    write(ctx, action);
    drain(ctx);
    if (!waiting && !ended && !ctx.channel().config().isAutoRead()) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private static void write(ChannelHandlerContext ctx, String action) {
    ByteBuf out = ctx.alloc().buffer(action.length() + 9);
    ByteBufUtil.writeAscii(out, "action=");
    ByteBufUtil.writeAscii(out, action);
    ctx.writeAndFlush(out.writeByte('\n').writeByte('\n'), ctx.voidPromise());
  }

  /** The peer has said all it will say (Exim does so): what is asked is answered, then closed. */
  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent) {
      noMore = true;
      if (!waiting && !draining) {
        ctx.close();
      }
    } else if (event == LEAVE) {
      leaving = true;
      leave(ctx);
    }
  }

  private void finish() {
    if (ended) {
      return;
    }
    ended = true;
    if (idle != null) {
      idle.cancel(false);
    }
    if (deadline != null) {
      deadline.end();
    }
    onClose.run();
    if (!draining && buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    finish();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    finish();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("policy connection lost", cause);
    } else {
      desk.counters().failed.increment();
      LOG.error("a policy connection failed", cause);
    }
    finish();
    ctx.close();
  }
}
