// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens for MTAs and gives each of their connections to a {@link Handler}.
 *
 * <p>Speaks versions 2 to 6 of the milter protocol as Postfix and Sendmail do, over TCP and UNIX
 * sockets, with Netty's epoll transport; several messages a connection. Whatever goes wrong on this
 * side is answered with "continue".
 *
 * <h2>Delayed acknowledgements</h2>
 *
 * MTAs write macros of which nothing comes back, and then the next command in a packet of its own;
 * without TCP_NODELAY on their side that waits for our kernel's delayed ACK, some 40 ms. Over TCP
 * the connection therefore asks for TCP_QUICKACK again after each read (Linux forgets it), and each
 * answer with all its changes is one write.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * <ul>
 *   <li>warning "malformed frame": the peer is no MTA, or is broken; its connection is closed.
 *   <li>warning "too many sessions": further connections are closed until others end; the MTA does
 *       what its default action says. Raise {@code maxSessions}, or look for an MTA that hangs.
 *   <li>warning "no answer within": the handler was late, the mail went on without its verdict.
 *   <li>error "handler failed": a bug in the handler; the mail went on.
 * </ul>
 *
 * Each of them at most once in ten seconds; {@link MilterCounters} has the numbers.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link MilterSettings}; the endpoints in {@link Endpoint}'s syntax.
 */
public final class MilterServer implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(MilterServer.class);
  private static final Duration DRAIN = Duration.ofSeconds(10);

  private final MilterCounters counters;
  private final EventLoopGroup group;
  private final List<Channel> listening = new ArrayList<>();
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private volatile boolean closing;

  private MilterServer(MilterCounters counters, EventLoopGroup group) {
    this.counters = counters;
    this.group = group;
  }

  /**
   * Starts listening.
   *
   * @throws IOException if one of the endpoints cannot be listened on; nothing listens then
   */
  public static MilterServer start(
      List<Endpoint> endpoints, MilterSettings settings, Wishes wishes, Handler.Factory handlers)
      throws IOException {
    MilterCounters counters = new MilterCounters();
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            settings.threads(),
            new DefaultThreadFactory("milter", true),
            EpollIoHandler.newFactory());
    MilterServer server = new MilterServer(counters, group);
    MilterConnection.Shared shared =
        new MilterConnection.Shared(
            settings, wishes, handlers, counters, new AtomicLong(), new LogGate(), new LogGate());
    LogGate crowded = new LogGate();
    try {
      for (Endpoint endpoint : endpoints) {
        server.listening.add(
            endpoint.listen(
                group,
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    if (counters.open() >= settings.maxSessions()) {
                      counters.refused.increment();
                      if (crowded.open()) {
                        LOG.warn("too many sessions: {} are open", counters.open());
                      }
                      channel.close();
                      return;
                    }
                    channel.pipeline().addLast(new MilterConnection(shared));
                    server.connections.add(channel);
                    if (server.closing) {
                      channel.pipeline().fireUserEventTriggered(MilterConnection.LEAVE);
                    }
                  }
                }));
      }
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** Where it listens, in the order of the endpoints, ports filled in. */
  public List<Endpoint> endpoints() {
    return listening.stream().map(channel -> endpoint(channel.localAddress())).toList();
  }

  private static Endpoint endpoint(SocketAddress address) {
    return address instanceof InetSocketAddress inet
        ? new Endpoint.Inet(inet.getAddress().getHostAddress(), inet.getPort())
        : new Endpoint.Unix(java.nio.file.Path.of(address.toString()));
  }

  /** What was counted since the start. */
  public MilterCounters counters() {
    return counters;
  }

  /**
   * Takes no new connection, lets those with a message or an answer under way come to their end, at
   * most ten seconds, and closes the others. What an MTA asks later is answered by its own default.
   */
  @Override
  public void close() {
    closing = true;
    listening.forEach(channel -> channel.close().awaitUninterruptibly(2, TimeUnit.SECONDS));
    connections.forEach(
        channel -> channel.pipeline().fireUserEventTriggered(MilterConnection.LEAVE));
    if (!connections
        .newCloseFuture()
        .awaitUninterruptibly(DRAIN.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.warn("{} milter sessions were cut off in a message", connections.size());
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
