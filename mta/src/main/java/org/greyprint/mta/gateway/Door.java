// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.mta.gateway.GatewaySettings.Listener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where clients come in: takes the SYN, reads a balancer's PROXY header, sets up implicit TLS, and
 * lets the session begin.
 */
final class Door extends ChannelInitializer<EpollSocketChannel> {
  private static final Logger LOG = LoggerFactory.getLogger(Door.class);

  private final Gateway.Parts parts;
  private final Listener listener;
  private final Networks balancers;

  Door(Gateway.Parts parts, Listener listener) {
    this.parts = parts;
    this.listener = listener;
    this.balancers = new Networks(listener.balancers());
  }

  @Override
  protected void initChannel(EpollSocketChannel channel) {
    InetSocketAddress client = plain(channel.remoteAddress());
    InetSocketAddress server = plain(channel.localAddress());
    Session session = new Session(parts, listener, channel, client, server, parts.newId());
    ChannelPipeline pipeline = channel.pipeline();
    boolean balanced = balancers.has(client.getAddress());
    Optional<Fingerprint> syn = balanced ? Optional.empty() : fingerprint(channel);
    if (balanced) {
      pipeline.addLast(new HAProxyMessageDecoder(), new Balanced(session, client, server));
      limit(channel);
    }
    pipeline.addLast("session", session.connection());
    boolean room = parts.came(session);
    session.onOpen(() -> {
      if (!room) {
        parts.counters().turnedAway.increment();
        session.connection().close(Reply.of(421, "4.3.2 Too many connections, try again later"));
      } else if (!balanced) {
        open(channel, session, client, server, syn.isPresent() ? "saved" : "missing", syn);
      }
    });
  }

  private Optional<Fingerprint> fingerprint(EpollSocketChannel channel) {
    try {
      return SavedSyn.read(channel).flatMap(parts.syns());
    } catch (RuntimeException e) {
      LOG.error("a SYN could not be read", e);
      return Optional.empty();
    }
  }

  private void limit(EpollSocketChannel channel) {
    Future<?> late =
        channel
            .eventLoop()
            .schedule(
                () -> {
                  if (channel.isActive() && channel.pipeline().get(Balanced.class) != null) {
                    LOG.warn("balancer {} sent no PROXY header in time", channel.remoteAddress());
                    channel.close();
                  }
                },
                parts.settings().timeouts().handshake().toMillis(),
                TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(closed -> late.cancel(false));
  }

  private void open(
      EpollSocketChannel channel,
      Session session,
      InetSocketAddress client,
      InetSocketAddress server,
      String source,
      Optional<Fingerprint> syn) {
    if (!listener.implicitTls()) {
      session.begin(client, server, source, syn);
      return;
    }
    tls(parts, channel, session, () -> session.begin(client, server, source, syn));
  }

  /** Waits for a client's TLS. */
  static void tls(Gateway.Parts parts, EpollSocketChannel channel, Session session, Runnable then) {
    channel
        .pipeline()
        .addBefore(
            "session",
            "tls",
            new TlsGate(
                parts.certificates().orElseThrow(),
                parts.settings().timeouts().handshake(),
                hello -> hello.ifPresent(session.evidence()::hello),
                shaken -> {
                  if (shaken.isPresent()) {
                    session.encrypted(shaken.get());
                    then.run();
                  } else {
                    channel.close();
                  }
                }));
  }

  /** An address without the IPv4-mapped form. */
  static InetSocketAddress plain(InetSocketAddress address) {
    byte[] octets = address.getAddress().getAddress();
    try {
      return new InetSocketAddress(InetAddress.getByAddress(octets), address.getPort());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + octets.length + " octets", e);
    }
  }

  /** Takes the PROXY header of a balancer, whose SYN is not the client's. */
  private final class Balanced extends SimpleChannelInboundHandler<HAProxyMessage> {
    private final Session session;
    private final InetSocketAddress balancer;
    private final InetSocketAddress server;

    Balanced(Session session, InetSocketAddress balancer, InetSocketAddress server) {
      this.session = session;
      this.balancer = balancer;
      this.server = server;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
      boolean proxied =
          header.command() == HAProxyCommand.PROXY
              && (header.proxiedProtocol() == HAProxyProxiedProtocol.TCP4
                  || header.proxiedProtocol() == HAProxyProxiedProtocol.TCP6);
      InetSocketAddress client = balancer;
      InetSocketAddress target = server;
      if (proxied) {
        client = numeric(header.sourceAddress(), header.sourcePort());
        target = numeric(header.destinationAddress(), header.destinationPort());
      }
      EpollSocketChannel channel = (EpollSocketChannel) context.channel();
      InetSocketAddress from = client;
      InetSocketAddress to = target;
      context.pipeline().remove(this);
      Runnable open = () -> open(channel, session, from, to, "balancer", Optional.empty());
      if (listener.implicitTls()) {
        open.run();
      } else {
        // What came with the header is read first: it was sent before any greeting.
        channel.eventLoop().execute(open);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.warn("balancer {}: {}", balancer, String.valueOf(cause.getMessage()));
      context.close();
    }
  }

  /** The decoder has checked that the text is an address, so no name is looked up. */
  private static InetSocketAddress numeric(String text, int port) {
    return plain(new InetSocketAddress(text, port));
  }
}
