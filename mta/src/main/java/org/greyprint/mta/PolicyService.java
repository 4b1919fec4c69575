// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.socket.DuplexChannelConfig;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.greyprint.capture.SynLookup;
import org.greyprint.decision.Decider;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.LogGate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The policy face: Postfix's policy delegation protocol, and Exim's way of speaking it.
 *
 * <p>The client's SYN is found by address and port where the asker tells the port (Postfix 3.0 on),
 * by the latest of the address where it does not. What belongs to one message is kept by {@code
 * instance}: the header is given with {@code PREPEND} to the first recipient that passes, and a
 * null sender's recipients are deferred at DATA, if the service is asked there too.
 *
 * <p>Only {@code DUNNO}, {@code DEFER_IF_PERMIT}, {@code PREPEND} and {@code 550} are ever
 * answered, so wherever in the restrictions the service is asked, it never opens a relay.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * <ul>
 *   <li>warning "bad policy request": the peer speaks another protocol, or a limit was exceeded;
 *       its connection is closed without an answer.
 *   <li>warning "too many policy connections": raise {@code maxConnections}, or look for a peer
 *       that does not close.
 *   <li>error "a policy request could not be answered": a bug; {@code DUNNO} was answered.
 * </ul>
 *
 * The warnings at most once in ten seconds each; {@link FaceCounters} has the numbers.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link PolicySettings}; the endpoints in {@link Endpoint}'s syntax.
 */
public final class PolicyService implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyService.class);

  private final EventLoopGroup group;
  private final List<Channel> listening = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicLong names = new AtomicLong();
  private final LogGate malformed = new LogGate();
  private final LogGate crowded = new LogGate();

  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final Duration drain;
  private volatile boolean closing;

  private PolicyService(EventLoopGroup group, Duration drain) {
    this.group = group;
    this.drain = drain;
  }

  /**
   * Starts listening.
   *
   * @param clock the time of each inquiry
   * @throws IOException if one of the endpoints cannot be listened on; nothing listens then
   */
  public static PolicyService start(
      List<Endpoint> endpoints,
      PolicySettings settings,
      Decider decider,
      SynLookup syns,
      InstantSource clock,
      FaceSettings face,
      FaceCounters counters)
      throws IOException {
    PolicyDesk desk =
        new PolicyDesk(
            new Desk(decider, syns, clock, face, counters),
            settings.header(),
            settings.instances());
    PolicyService service =
        new PolicyService(
            new MultiThreadIoEventLoopGroup(
                settings.threads(),
                new DefaultThreadFactory("policy", true),
                EpollIoHandler.newFactory()),
            settings.deadline().plusSeconds(1));
    try {
      for (Endpoint endpoint : endpoints) {
        service.listening.add(
            endpoint.listen(service.group, service.connections(desk, settings, counters)));
      }
    } catch (IOException | RuntimeException e) {
      service.close();
      throw e;
    }
    return service;
  }

  private ChannelInitializer<Channel> connections(
      PolicyDesk desk, PolicySettings settings, FaceCounters counters) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (open.incrementAndGet() > settings.maxConnections()) {
          open.decrementAndGet();
          counters.refused.increment();
          if (crowded.open()) {
            LOG.warn("too many policy connections: {} are open", settings.maxConnections());
          }
          channel.close();
          return;
        }
        if (channel.config() instanceof DuplexChannelConfig duplex) {
          duplex.setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        channel
            .pipeline()
            .addLast(
                new PolicyConnection(
                    desk,
                    settings,
                    malformed,
                    Long.toString(names.incrementAndGet()),
                    open::decrementAndGet));
        connections.add(channel);
        if (closing) {
          channel.pipeline().fireUserEventTriggered(PolicyConnection.LEAVE);
        }
      }
    };
  }

  /** Where it listens, in the order of the endpoints, ports filled in. */
  public List<Endpoint> endpoints() {
    return listening.stream()
        .<Endpoint>map(channel ->
            channel.localAddress() instanceof InetSocketAddress inet
                ? new Endpoint.Inet(inet.getAddress().getHostAddress(), inet.getPort())
                : new Endpoint.Unix(Path.of(channel.localAddress().toString())))
        .toList();
  }

  /** Connections there are now. */
  public int open() {
    return open.get();
  }

  /**
   * Takes no new connection, answers what was asked (within the deadline of an answer), and closes
   * all connections.
   */
  @Override
  public void close() {
    closing = true;
    listening.forEach(channel -> channel.close().awaitUninterruptibly(2, TimeUnit.SECONDS));
    connections.forEach(
        channel -> channel.pipeline().fireUserEventTriggered(PolicyConnection.LEAVE));
    if (!connections
        .newCloseFuture()
        .awaitUninterruptibly(drain.toMillis(), TimeUnit.MILLISECONDS)) {
      LOG.warn("{} policy connections were cut off in a request", connections.size());
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
