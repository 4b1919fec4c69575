// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One MTA connection: cuts the stream into frames, calls the handler, writes its answers.
 *
 * <p>While an answer is outstanding nothing more is read, so what is buffered is never more than a
 * frame and what one read brought. All methods run on the channel's event loop.
 */
final class MilterConnection extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(MilterConnection.class);
  private static final Reply.Verdict CONTINUE = new Reply.Continue();

  /** The user event that asks it to close as soon as no answer and no message is under way. */
  static final Object LEAVE = new Object();

  /** What all connections of a server have in common. */
  record Shared(
      MilterSettings settings,
      Wishes wishes,
      Handler.Factory handlers,
      MilterCounters counters,
      AtomicLong ids,
      LogGate malformed,
      LogGate failures) {}

  private final Shared shared;
  private Session session;
  private Handler handler;
  private Reply.@Nullable Agreed agreed;
  private @Nullable ByteBuf buffer;
  private boolean connected;
  private boolean inMessage;
  private boolean draining;
  private boolean waiting;
  private boolean leaving;
  private boolean ended;
  private long turn;
  private long lastRead;

  /**
   * Cancelled when the connection closes: an MTA makes one for each SMTP session, and a timer of an
   * hour would keep each of them in memory.
   */
  private @Nullable Future<?> idle;

  MilterConnection(Shared shared) {
    this.shared = shared;
    this.session = new Session(shared.ids.incrementAndGet());
    this.handler = shared.handlers.open(session);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    shared.counters.opened.increment();
    lastRead = ctx.executor().ticker().nanoTime();
    rearm(ctx.channel());
    watchIdle(ctx, shared.settings.idle().toNanos());
  }

  private void watchIdle(ChannelHandlerContext ctx, long nanos) {
    idle =
        ctx.executor()
            .schedule(
                () -> {
                  if (ended) {
                    return;
                  }
                  long left =
                      shared.settings.idle().toNanos()
                          - (ctx.executor().ticker().nanoTime() - lastRead);
                  if (left > 0 || waiting) {
                    watchIdle(ctx, Math.max(left, 1_000_000));
                  } else {
                    shared.counters.idle.increment();
                    ctx.close();
                  }
                },
                nanos,
                TimeUnit.NANOSECONDS);
  }

  /** Linux falls back to delayed acknowledgements by itself, so this is said after each read. */
  private static void rearm(Channel channel) {
    if (channel instanceof EpollSocketChannel tcp && tcp.isOpen()) {
      tcp.config().setOption(EpollChannelOption.TCP_QUICKACK, true);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (ended || !(message instanceof ByteBuf in)) {
      ReferenceCountUtil.release(message);
      return;
    }
    lastRead = ctx.executor().ticker().nanoTime();
    buffer =
        buffer == null
            ? in
            : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), buffer, in);
    drain(ctx);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    rearm(ctx.channel());
    ctx.fireChannelReadComplete();
  }

  private void drain(ChannelHandlerContext ctx) {
    if (draining) {
      return;
    }
    draining = true;
    try {
      while (!waiting && !ended && frame(ctx)) {}
    } finally {
      draining = false;
    }
    if (buffer != null && (ended || !buffer.isReadable())) {
      buffer.release();
      buffer = null;
    }
    leave(ctx);
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event == LEAVE) {
      leaving = true;
      leave(ctx);
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  private void leave(ChannelHandlerContext ctx) {
    if (leaving && !waiting && !inMessage && !ended && buffer == null) {
      finish(ctx);
      ctx.close();
    }
  }

  /** Handles the next frame if it is whole. */
  private boolean frame(ChannelHandlerContext ctx) {
    ByteBuf in = buffer;
    if (in == null || in.readableBytes() < 4) {
      return false;
    }
    int length = in.getInt(in.readerIndex());
    if (length < 1 || length > shared.settings.maxFrame()) {
      malformed(ctx, "malformed frame: length " + (length & 0xffffffffL));
      return false;
    }
    if (in.readableBytes() - 4 < length) {
      return false;
    }
    int command = in.skipBytes(4).readUnsignedByte();
    byte[] data = new byte[length - 1];
    in.readBytes(data);
    shared.counters.commands.increment();
    switch (CommandCodec.parse(command, data)) {
      case Malformed bad -> malformed(ctx, "malformed frame: " + bad.problem());
      case Command sound -> {
        if (agreed == null && !(sound instanceof Command.Negotiate)) {
          malformed(ctx, "malformed frame: '" + (char) command + "' before the negotiation");
        } else {
          try {
            handle(ctx, sound);
          } catch (RuntimeException e) {
            failed(e);
            answer(ctx, sound, Handler.CONTINUE);
          }
        }
      }
    }
    return true;
  }

  private void malformed(ChannelHandlerContext ctx, String problem) {
    shared.counters.malformed.increment();
    if (shared.malformed.open()) {
      LOG.warn("{}, from {}; closing", problem, ctx.channel().remoteAddress());
    }
    finish(ctx);
    ctx.close();
  }

  private void failed(Throwable cause) {
    shared.counters.failed.increment();
    if (shared.failures.open()) {
      LOG.error("handler failed; going on", cause);
    }
  }

  private void handle(ChannelHandlerContext ctx, Command command) {
    switch (command) {
      case Command.Negotiate c -> negotiate(ctx, c);
      case Command.Macros c -> session.macros(c);
      case Command.Connect c -> {
        closeHandler();
        session.client(c);
        connected = true;
        answer(ctx, c, handler.connect(c));
      }
      case Command.Helo c -> answer(ctx, c, handler.helo(c));
      case Command.Mail c -> {
        // Its macros came before it, so those of an unfinished message are replaced already.
        if (inMessage) {
          handler.aborted();
        }
        inMessage = true;
        answer(ctx, c, handler.mail(c));
      }
      case Command.Rcpt c -> answer(ctx, c, handler.rcpt(c));
      case Command.Data c -> answer(ctx, c, handler.data());
      case Command.Header c -> answer(ctx, c, handler.header(c));
      case Command.EndOfHeaders c -> answer(ctx, c, handler.endOfHeaders());
      case Command.Body c -> answer(ctx, c, handler.body(c));
      case Command.Unknown c -> answer(ctx, c, handler.unknown(c));
      case Command.EndOfMessage c -> {
        inMessage = false;
        await(
            ctx,
            handler.endOfMessage(c),
            Handler.Ending.CONTINUE,
            ending -> {
              session.endMessage();
              write(ctx, ending);
            });
      }
      case Command.Abort c -> abortMessage();
      case Command.QuitNewConnection c -> {
        abortMessage();
        closeHandler();
        session.forget();
      }
      case Command.Quit c -> {
        finish(ctx);
        ctx.close();
      }
    }
  }

  private void negotiate(ChannelHandlerContext ctx, Command.Negotiate offer) {
    Reply.Agreed terms = shared.wishes.answer(offer).orElse(null);
    if (terms == null) {
      malformed(ctx, "version " + offer.version() + " of the protocol is too old");
      return;
    }
    agreed = terms;
    session.agree(terms);
    ByteBuf out = ctx.alloc().buffer(256);
    ReplyCodec.write(terms, false, out);
    ctx.writeAndFlush(out, ctx.voidPromise());
  }

  private void abortMessage() {
    if (inMessage) {
      inMessage = false;
      session.endMessage();
      handler.aborted();
    }
  }

  /** Ends the handler of an SMTP session; the next one gets its own. */
  private void closeHandler() {
    if (connected) {
      connected = false;
      Handler past = handler;
      session = session.next(shared.ids.incrementAndGet());
      handler = shared.handlers.open(session);
      past.closed();
    }
  }

  private void answer(
      ChannelHandlerContext ctx, Command command, CompletionStage<Reply.Verdict> stage) {
    int silent =
        switch (command) {
          case Command.Connect c -> Steps.NO_REPLY_CONNECT;
          case Command.Helo c -> Steps.NO_REPLY_HELO;
          case Command.Mail c -> Steps.NO_REPLY_MAIL;
          case Command.Rcpt c -> Steps.NO_REPLY_RCPT;
          case Command.Data c -> Steps.NO_REPLY_DATA;
          case Command.Header c -> Steps.NO_REPLY_HEADER;
          case Command.EndOfHeaders c -> Steps.NO_REPLY_END_OF_HEADERS;
          case Command.Body c -> Steps.NO_REPLY_BODY;
          case Command.Unknown c -> Steps.NO_REPLY_UNKNOWN;
          case Command.EndOfMessage c -> 0;
          default -> -1;
        };
    if (silent == -1) {
      return;
    }
    await(
        ctx,
        stage,
        CONTINUE,
        verdict -> {
          if (silent == 0 || !session.steps(silent)) {
            write(ctx, command, verdict);
          }
        });
  }

  /** Calls {@code use} with the stage's value, at once or later, at the latest at the deadline. */
  private <T> void await(
      ChannelHandlerContext ctx, CompletionStage<T> stage, T fallback, Consumer<T> use) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    if (future.isDone() && !future.isCompletedExceptionally()) {
      use.accept(future.join());
      return;
    }
    waiting = true;
    long mine = ++turn;
    ctx.channel().config().setAutoRead(false);
    long millis = shared.settings.deadline().toMillis();
    var deadline =
        ctx.executor()
            .schedule(
                () -> {
                  if (waiting && mine == turn) {
                    shared.counters.late.increment();
                    if (shared.failures.open()) {
                      LOG.warn("no answer within {} ms; going on", millis);
                    }
                    resume(ctx, use, fallback);
                  }
                },
                millis,
                TimeUnit.MILLISECONDS);
    var unused =
        future.whenComplete((value, error) ->
            ctx.executor()
                .execute(() -> {
                  deadline.cancel(false);
                  if (waiting && mine == turn) {
                    if (error != null) {
                      failed(error);
                    }
                    resume(ctx, use, error == null ? value : fallback);
                  }
                }));
  }

  private <T> void resume(ChannelHandlerContext ctx, Consumer<T> use, T value) {
    waiting = false;
    turn++;
    if (ended) {
      return;
    }
    use.accept(value);
    drain(ctx);
    if (!waiting && !ended) {
      ctx.channel().config().setAutoRead(true);
    }
  }

  private void write(ChannelHandlerContext ctx, Command command, Reply.Verdict verdict) {
    boolean early = command instanceof Command.Connect || command instanceof Command.Helo;
    boolean allowed =
        switch (verdict) {
          case Reply.Discard d -> !early;
          case Reply.Skip s -> session.steps(Steps.SKIP);
          default -> true;
        };
    if (!allowed) {
      shared.counters.notAgreed.increment();
    }
    ByteBuf out = ctx.alloc().buffer(64);
    ReplyCodec.write(allowed ? verdict : CONTINUE, false, out);
    ctx.writeAndFlush(out, ctx.voidPromise());
  }

  /** All changes and the verdict in one write. */
  private void write(ChannelHandlerContext ctx, Handler.Ending ending) {
    ByteBuf out = ctx.alloc().buffer(512);
    boolean leadingSpace = session.steps(Steps.LEADING_SPACE);
    for (Reply.Modification change : permitted(ending.changes())) {
      ReplyCodec.write(change, leadingSpace, out);
    }
    ReplyCodec.write(
        ending.verdict() instanceof Reply.Skip ? CONTINUE : ending.verdict(), false, out);
    ctx.writeAndFlush(out, ctx.voidPromise());
  }

  private List<Reply.Modification> permitted(List<Reply.Modification> changes) {
    List<Reply.Modification> good =
        changes.stream()
            .filter(change ->
                session.can(
                    switch (change) {
                      case Reply.AddHeader c -> Actions.ADD_HEADERS;
                      case Reply.InsertHeader c -> Actions.ADD_HEADERS;
                      case Reply.ChangeHeader c -> Actions.CHANGE_HEADERS;
                      case Reply.AddRecipient c ->
                          c.arguments().isEmpty()
                              ? Actions.ADD_RECIPIENTS
                              : Actions.ADD_RECIPIENTS_WITH_ARGUMENTS;
                      case Reply.DeleteRecipient c -> Actions.DELETE_RECIPIENTS;
                      case Reply.ChangeSender c -> Actions.CHANGE_SENDER;
                      case Reply.ReplaceBody c -> Actions.CHANGE_BODY;
                      case Reply.Quarantine c -> Actions.QUARANTINE;
                    }))
            .toList();
    shared.counters.notAgreed.add(changes.size() - good.size());
    return good;
  }

  private void finish(ChannelHandlerContext ctx) {
    if (ended) {
      return;
    }
    ended = true;
    if (idle != null) {
      idle.cancel(false);
    }
    shared.counters.closed.increment();
    try {
      if (inMessage) {
        inMessage = false;
        handler.aborted();
      }
      if (connected) {
        connected = false;
        handler.closed();
      }
    } catch (RuntimeException e) {
      failed(e);
    }
    if (!draining && buffer != null) {
      buffer.release();
      buffer = null;
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    finish(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    finish(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof java.io.IOException) {
      LOG.debug("connection lost", cause);
    } else {
      failed(cause);
    }
    finish(ctx);
    ctx.close();
  }
}
