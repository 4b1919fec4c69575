// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells the service manager how the daemon stands: sd_notify(3), for {@code Type=notify} units. */
final class Notify {
  private static final Logger LOG = LoggerFactory.getLogger(Notify.class);

  private Notify() {}

  /** Sends a state such as {@code READY=1} where systemd asked for it; else does nothing. */
  static void say(String state) {
    String socket = System.getenv("NOTIFY_SOCKET");
    if (socket != null && !socket.isEmpty()) {
      say(state, socket);
    }
  }

  /**
   * Sends a state.
   *
   * @param socket a path, or a name in the abstract namespace that begins with {@code @}
   */
  static void say(String state, String socket) {
    String name = socket.startsWith("@") ? "\0" + socket.substring(1) : socket;
    EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try {
      Channel channel =
          new Bootstrap()
              .group(group)
              .channel(EpollDomainDatagramChannel.class)
              .handler(new ChannelInboundHandlerAdapter())
              .connect(new DomainSocketAddress(name))
              .syncUninterruptibly()
              .channel();
      channel
          .writeAndFlush(Unpooled.copiedBuffer(state, StandardCharsets.US_ASCII))
          .syncUninterruptibly();
      channel.close().syncUninterruptibly();
    } catch (RuntimeException e) {
      LOG.warn("the service manager at {} could not be told {}: {}", socket, state, e.toString());
    } finally {
      group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(2, TimeUnit.SECONDS);
    }
  }
}
