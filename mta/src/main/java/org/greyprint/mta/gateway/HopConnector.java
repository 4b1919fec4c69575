// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
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
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connects to the next hop, on the event loop of the session that asks: no message changes threads.
 * Its addresses are tried one after the other; names are looked up anew for each connection.
 */
final class HopConnector implements SmtpHop.Connector {
  private static final Logger LOG = LoggerFactory.getLogger(HopConnector.class);
  private static final WriteBufferWaterMark MARK = new WriteBufferWaterMark(64 << 10, 256 << 10);

  private final NextHop nextHop;
  private final Bootstrap bootstrap;
  private final EventLoop loop;

  HopConnector(GatewaySettings settings, EventLoop loop) {
    this.nextHop = settings.nextHop();
    this.loop = loop;
    boolean local = nextHop instanceof NextHop.Lmtp;
    this.bootstrap =
        new Bootstrap()
            .group(loop)
            .channel(local ? EpollDomainSocketChannel.class : EpollSocketChannel.class)
            .option(ChannelOption.WRITE_BUFFER_WATER_MARK, MARK)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR, new AdaptiveRecvByteBufAllocator(1024, 1024, 4096))
            .option(
                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                (int) settings.timeouts().connect().toMillis())
            .handler(new Pass());
  }

  @Override
  public void connect(Consumer<Optional<Channel>> then) {
    switch (nextHop) {
      case NextHop.Lmtp(Path socket) ->
          connect(List.of(new DomainSocketAddress(socket.toFile())), then);
      case NextHop.Smtp(String host, int port, boolean ignored) -> {
        if (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host)) {
          connect(List.of(new InetSocketAddress(host, port)), then);
        } else {
          Thread.ofVirtual().name("resolve").start(() -> resolve(host, port, then));
        }
      }
      case NextHop.Maildir ignored -> throw new IllegalStateException("a Maildir has no address");
    }
  }

  /** Looking up a name may block: it is done by a thread of its own. */
  private void resolve(String host, int port, Consumer<Optional<Channel>> then) {
    List<SocketAddress> addresses = new ArrayList<>();
    try {
      for (InetAddress address : InetAddress.getAllByName(host)) {
        addresses.add(new InetSocketAddress(address, port));
      }
    } catch (UnknownHostException e) {
      LOG.warn("next hop {}: its name is not known", nextHop);
    }
    loop.execute(() -> connect(addresses, then));
  }

  private void connect(List<SocketAddress> addresses, Consumer<Optional<Channel>> then) {
    if (addresses.isEmpty()) {
      then.accept(Optional.empty());
      return;
    }
    bootstrap
        .connect(addresses.getFirst())
        .addListener(
            (ChannelFutureListener)
                connecting -> {
                  if (connecting.isSuccess()) {
                    then.accept(Optional.of(connecting.channel()));
                    return;
                  }
                  LOG.warn(
                      "next hop {} cannot be reached: {}",
                      nextHop,
                      String.valueOf(connecting.cause().getMessage()));
                  connect(addresses.subList(1, addresses.size()), then);
                });
  }

  /** Holds the place in a pipeline until the connection is there. */
  private static final class Pass extends ChannelInboundHandlerAdapter {
    @Override
    public boolean isSharable() {
      return true;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      context.fireChannelActive();
    }
  }
}
