// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.greyprint.mta.gateway.GatewaySettings.HopTls;
import org.greyprint.mta.gateway.GatewaySettings.Identity;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A next hop that speaks SMTP or LMTP. */
final class SmtpHop extends ChannelInboundHandlerAdapter implements Hop {
  private static final Logger LOG = LoggerFactory.getLogger(SmtpHop.class);
  private static final int MAX_USES = 100;
  private static final Duration REST = Duration.ofSeconds(2);
  private static final WriteBufferWaterMark MARK = new WriteBufferWaterMark(64 << 10, 256 << 10);

  private final GatewaySettings settings;
  private final HopTlsContext tls;
  private final EventLoop loop;
  private final ReplyReader reader = new ReplyReader();

  private Owner owner;
  private @Nullable Channel channel;
  private @Nullable ByteBuf input;
  private @Nullable Consumer<Reply> waiting;
  private @Nullable ScheduledFuture<?> timeout;
  private Capabilities capabilities = Capabilities.NONE;
  private boolean connected;
  private boolean dead;
  private boolean encrypted;
  private boolean introduced;
  private boolean introducing;
  private boolean troubled;
  private @Nullable Caller greeted;
  private @Nullable Reply answer;
  private int uses;
  private @Nullable Reply early;

  SmtpHop(GatewaySettings settings, HopTlsContext tls, EventLoop loop, Owner owner) {
    this.settings = settings;
    this.tls = tls;
    this.loop = loop;
    this.owner = owner;
  }

  @Override
  public void greet(Caller caller, Consumer<Reply> then) {
    Reply known = answer;
    if (known != null && knows(caller)) {
      // Some servers refuse a second EHLO; the answer would be the same.
      command("RSET", reply -> then.accept(reply.ok() ? known : reply));
      return;
    }
    Consumer<Reply> keep =
        reply -> {
          if (reply.ok()) {
            answer = reply;
            greeted = caller;
          }
          then.accept(reply);
        };
    if (connected) {
      hello(caller, keep);
    } else {
      connect(caller, keep);
    }
  }

  @Override
  public boolean knows(Caller caller) {
    Caller known = greeted;
    return known == null || known.equals(caller);
  }

  private void connect(Caller caller, Consumer<Reply> then) {
    if (settings.nextHop() instanceof NextHop.Lmtp(Path socket)) {
      connect(List.of(new DomainSocketAddress(socket.toFile())), caller, then);
    } else if (settings.nextHop() instanceof NextHop.Smtp(String host, int port, boolean ignored)) {
      if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
        connect(List.of(new InetSocketAddress(host, port)), caller, then);
      } else {
        Thread.ofVirtual().name("resolve").start(() -> resolve(host, port, caller, then));
      }
    }
  }

  /** Looking up a name may block: it is done by a thread of its own. */
  private void resolve(String host, int port, Caller caller, Consumer<Reply> then) {
    List<SocketAddress> addresses = new ArrayList<>();
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        addresses.add(new InetSocketAddress(address, port));
      }
    } catch (UnknownHostException e) {
      LOG.warn("next hop {}: its name is not known", settings.nextHop());
    }
    loop.execute(() -> connect(addresses, caller, then));
  }

  /** Tries the addresses one after the other. */
  private void connect(List<SocketAddress> addresses, Caller caller, Consumer<Reply> then) {
    if (dead) {
      return;
    }
    if (addresses.isEmpty()) {
      dead = true;
      then.accept(Reply.away("cannot be reached"));
      return;
    }
    SocketAddress address = addresses.getFirst();
    boolean local = address instanceof DomainSocketAddress;
    Bootstrap bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(local ? EpollDomainSocketChannel.class : EpollSocketChannel.class)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, MARK)
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) settings.timeouts().connect().toMillis())
            .handler(new Pass());
    if (!local) {
      bootstrap.option(ChannelOption.TCP_NODELAY, true);
    }
    bootstrap
        .connect(address)
        .addListener(
            (ChannelFutureListener)
                connecting -> {
                  if (dead) {
                    connecting.channel().close();
                  } else if (connecting.isSuccess()) {
                    connecting.channel().pipeline().addLast(this);
                    connected(connecting.channel(), caller, then);
                  } else {
                    LOG.warn(
                        "next hop {} cannot be reached: {}",
                        settings.nextHop(),
                        String.valueOf(connecting.cause().getMessage()));
                    connect(addresses.subList(1, addresses.size()), caller, then);
                  }
                });
  }

  /** Holds the place in a pipeline until the connection is there. */
  private static final class Pass extends ChannelInboundHandlerAdapter {
    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.fireChannelActive();
    }
  }

  private void connected(Channel open, Caller caller, Consumer<Reply> then) {
    channel = open;
    connected = true;
    if (settings.identity() == Identity.PROXY_V1 || settings.identity() == Identity.PROXY_V2) {
      open.writeAndFlush(ProxyHeader.of(caller, settings.identity()));
      introduced = true;
    }
    Runnable greeting =
        () ->
            expect(
                settings.timeouts().reply(),
                reply -> {
                  if (reply.ok()) {
                    hello(caller, then);
                  } else {
                    refused("did not greet: " + reply.code() + " " + reply.first());
                    then.accept(alive() ? lose("does not take mail now") : reply);
                  }
                });
    if (settings.nextHop() instanceof NextHop.Smtp(String host, int port, boolean implicit)
        && implicit) {
      handshake(true, greeting, then);
    } else {
      greeting.run();
    }
  }

  private void hello(Caller caller, Consumer<Reply> then) {
    boolean lmtp = settings.nextHop() instanceof NextHop.Lmtp;
    command(
        (lmtp ? "LHLO " : "EHLO ") + caller.helo(),
        reply -> {
          if (dead) {
            then.accept(reply);
            return;
          }
          if (!reply.ok()) {
            capabilities = Capabilities.NONE;
            plainHello(caller, reply, then);
            return;
          }
          capabilities = Capabilities.of(reply);
          boolean wanted = settings.hopTls() != HopTls.NONE && !encrypted;
          if (wanted && capabilities.has("STARTTLS")) {
            startTls(caller, then);
          } else if (wanted && settings.hopTls() == HopTls.VERIFY && !lmtp) {
            refused("does not offer STARTTLS, but must");
            then.accept(lose("does not offer encryption"));
          } else if (settings.identity() == Identity.AUTO
              && !introducing
              && capabilities.has("XCLIENT")) {
            introduce(caller, then);
          } else if (caller.extended() || lmtp) {
            then.accept(reply);
          } else {
            command("HELO " + caller.helo(), then);
          }
        });
  }

  /** A next hop that refuses EHLO may be older than it, or refuse the name. */
  private void plainHello(Caller caller, Reply refusal, Consumer<Reply> then) {
    boolean old = refusal.code() == 500 || refusal.code() == 502;
    if (old && settings.hopTls() != HopTls.VERIFY) {
      command("HELO " + caller.helo(), then);
    } else {
      then.accept(refusal);
    }
  }

  private void startTls(Caller caller, Consumer<Reply> then) {
    command(
        "STARTTLS",
        reply -> {
          if (dead) {
            then.accept(reply);
          } else if (reply.code() == 220) {
            handshake(settings.hopTls() == HopTls.VERIFY, () -> hello(caller, then), then);
          } else {
            refused("refused STARTTLS: " + reply.code());
            then.accept(lose("refused encryption"));
          }
        });
  }

  private void handshake(boolean verify, Runnable done, Consumer<Reply> then) {
    Channel open = java.util.Objects.requireNonNull(channel);
    if (input != null && input.isReadable()) {
      refused("sent something before TLS");
      then.accept(lose("sent something before TLS"));
      return;
    }
    SslHandler handler;
    try {
      handler = tls.handler(open.alloc(), verify);
    } catch (java.io.IOException e) {
      LOG.error("no TLS to the next hop: {}", e.getMessage());
      then.accept(lose("cannot be encrypted to"));
      return;
    }
    handler.setHandshakeTimeoutMillis(settings.timeouts().handshake().toMillis());
    open.pipeline().addFirst(handler);
    handler
        .handshakeFuture()
        .addListener(shaken -> {
          if (shaken.isSuccess()) {
            encrypted = true;
            done.run();
          } else {
            refused("failed the TLS handshake: " + shaken.cause().getMessage());
            then.accept(lose("failed the TLS handshake"));
          }
        });
  }

  private void introduce(Caller caller, Consumer<Reply> then) {
    introducing = true;
    command(
        Xclient.of(caller, capabilities.parameter("XCLIENT"), settings.nextHop()),
        reply -> {
          if (dead) {
            then.accept(reply);
          } else if (reply.code() == 220 || reply.code() == 250) {
            introduced = true;
            hello(caller, then);
          } else if (reply.code() == 421) {
            then.accept(lose("does not take mail now"));
          } else {
            refused("refused XCLIENT: " + reply.code() + " " + reply.first());
            hello(caller, then);
          }
        });
  }

  private void refused(String what) {
    LOG.warn("next hop {} {}", settings.nextHop(), what);
  }

  @Override
  public Capabilities capabilities() {
    return capabilities;
  }

  @Override
  public boolean introduced() {
    return introduced;
  }

  @Override
  public boolean reused() {
    return uses > 0;
  }

  /**
   * Keeps the connection for another session, which begins with EHLO, as if it were new. Not if the
   * next hop was told who the client is, or refused anything: its memory must not hit others.
   *
   * @return false if it cannot be kept
   */
  boolean rest() {
    Identity identity = settings.identity();
    boolean proxied = identity == Identity.PROXY_V1 || identity == Identity.PROXY_V2;
    boolean quiet = waiting == null && (input == null || !input.isReadable());
    if (dead || !connected || !quiet || proxied || introducing || troubled || uses >= MAX_USES) {
      return false;
    }
    owner = () -> {};
    stopTimer();
    timeout = loop.schedule(this::quit, REST.toMillis(), TimeUnit.MILLISECONDS);
    return true;
  }

  /** Whether it rests still: it may have died, or be saying goodbye. */
  boolean idle() {
    return !dead && waiting == null;
  }

  /** Takes a connection that rested into use. */
  void use(Owner next) {
    stopTimer();
    owner = next;
    greeted = null;
    answer = null;
    uses++;
  }

  @Override
  public void command(String line, Consumer<Reply> then) {
    Channel open = channel;
    if (dead || open == null) {
      then.accept(Reply.away("went away"));
      return;
    }
    if (input != null && input.isReadable()) {
      refused("talks without being asked");
      then.accept(lose("is out of step"));
      return;
    }
    ByteBuf wire = open.alloc().buffer(line.length() + 2);
    wire.writeCharSequence(line, StandardCharsets.ISO_8859_1);
    ByteBufUtil.writeShortBE(wire, 0x0d0a);
    open.writeAndFlush(wire);
    expect(settings.timeouts().reply(), then);
  }

  private void expect(Duration limit, Consumer<Reply> then) {
    waiting = then;
    timeout =
        loop.schedule(
            () -> {
              refused("did not answer within " + limit.toSeconds() + " s");
              fail(Reply.away("did not answer in time"));
            },
            limit.toMillis(),
            TimeUnit.MILLISECONDS);
    if (input != null && input.isReadable()) {
      // Several replies to one message, as LMTP has them.
      loop.execute(this::deliver);
    }
  }

  @Override
  public void data(ByteBuf wire) {
    Channel open = channel;
    if (dead || open == null) {
      wire.release();
      return;
    }
    open.write(wire);
  }

  @Override
  public void flush() {
    if (channel != null) {
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
    if (input != null && input.isReadable()) {
      refused("answered before the end of a message");
      then.accept(List.of(lose("is out of step")));
      return;
    }
    open.writeAndFlush(Unpooled.wrappedBuffer(new byte[] {'.', '\r', '\n'}));
    boolean lmtp = settings.nextHop() instanceof NextHop.Lmtp;
    collect(new ArrayList<>(1), lmtp ? recipients : 1, then);
  }

  private void collect(List<Reply> replies, int count, Consumer<List<Reply>> then) {
    expect(
        settings.timeouts().endOfData(),
        reply -> {
          replies.add(reply);
          if (dead || replies.size() == count) {
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
    stopTimer();
    if (channel != null) {
      channel.close();
    }
  }

  @Override
  public void quit() {
    Channel open = channel;
    if (dead || open == null || waiting != null) {
      abort();
      return;
    }
    command("QUIT", reply -> abort());
    stopTimer();
    timeout = loop.schedule(this::abort, 5, TimeUnit.SECONDS);
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
    stopTimer();
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

  private Reply lose(String why) {
    abort();
    return Reply.away(why);
  }

  private void stopTimer() {
    if (timeout != null) {
      timeout.cancel(false);
      timeout = null;
    }
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
    LOG.debug("next hop {}: {}", settings.nextHop(), String.valueOf(cause.getMessage()));
    fail(Reply.away("broke the connection"));
    owner.writable();
  }
}
