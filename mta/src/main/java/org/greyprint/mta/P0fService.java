// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.greyprint.capture.ClientHistory;
import org.greyprint.capture.Observation;
import org.greyprint.capture.P0fWire;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.milter.Endpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers in p0f's query protocol, so that what asks p0f today (rspamd, Haraka, qpsmtpd, ...) needs
 * only the path of another socket.
 *
 * <p>The protocol knows addresses only: the answer is of the address's latest SYN, as p0f's is. The
 * role is not among its fields; a Windows Server is known by its flavour. {@code bad_sw} and the
 * HTTP fields are always empty, for no HTTP is looked at.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * <ul>
 *   <li>{@code cannot listen on ...}: at the start; says why.
 *   <li>{@code too many p0f clients}: further connections are closed until others end.
 * </ul>
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@code listen.p0f}: {@code unix:/path} or {@code inet:host:port}. A UNIX socket can be used by
 * every user of the machine, as p0f's.
 */
public final class P0fService implements Closeable {
  private static final Logger log = LoggerFactory.getLogger(P0fService.class);

  /** Connections open at once; p0f itself allows 20, at most 100. */
  static final int MAX_CONNECTIONS = 1024;

  private final Function<InetAddress, Optional<ClientHistory>> clients;
  private final EventLoopGroup group;
  private final List<Channel> listening = new ArrayList<>();
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder found = new LongAdder();
  private final LongAdder unknown = new LongAdder();
  private final LongAdder bad = new LongAdder();
  private final LongAdder refused = new LongAdder();

  /**
   * What was answered since the start.
   *
   * @param found clients known
   * @param unknown clients of whom no SYN was seen
   * @param bad queries that were none
   * @param refused connections beyond the limit
   * @param open connections now
   */
  public record Counters(long found, long unknown, long bad, long refused, int open) {}

  private P0fService(Function<InetAddress, Optional<ClientHistory>> clients, EventLoopGroup group) {
    this.clients = clients;
    this.group = group;
  }

  /**
   * Starts listening.
   *
   * @param clients what is known of an address; must not block
   * @throws IOException if an endpoint cannot be listened on; nothing listens then
   */
  public static P0fService start(
      List<Endpoint> endpoints, Function<InetAddress, Optional<ClientHistory>> clients)
      throws IOException {
    EventLoopGroup group =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("p0f-service", true), EpollIoHandler.newFactory());
    P0fService service = new P0fService(clients, group);
    try {
      for (Endpoint endpoint : endpoints) {
        service.listening.add(endpoint.listen(group, service.connections()));
      }
    } catch (IOException | RuntimeException e) {
      service.close();
      throw e;
    }
    return service;
  }

  private ChannelInitializer<Channel> connections() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (open.incrementAndGet() > MAX_CONNECTIONS) {
          refused.increment();
          log.warn("too many p0f clients: {} are connected", MAX_CONNECTIONS);
          channel.close();
        } else {
          channel.pipeline().addLast(new Connection());
        }
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
      }
    };
  }

  /** One client; queries may come split, or several at once. */
  private final class Connection extends ByteToMessageDecoder {
    private final byte[] query = new byte[P0fWire.QUERY_LENGTH];

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
      while (in.readableBytes() >= P0fWire.QUERY_LENGTH && context.channel().isWritable()) {
        in.readBytes(query);
        byte[] response = P0fWire.encode(answer(query));
        context.write(
            context.alloc().buffer(response.length).writeBytes(response), context.voidPromise());
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
      context.flush();
      super.channelReadComplete(context);
    }

    /** A client that asks without reading the answers is not read from. */
    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
      boolean writable = context.channel().isWritable();
      context.channel().config().setAutoRead(writable);
      if (writable) {
        // What was left in the decoder's buffer is looked at when it is given an empty one.
        channelRead(context, context.alloc().buffer(0));
        context.flush();
      }
      super.channelWritabilityChanged(context);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      log.debug("p0f client {}", context.channel(), cause);
      context.close();
    }
  }

  private P0fWire.Response answer(byte[] query) {
    Optional<InetAddress> address = P0fWire.address(query);
    if (address.isEmpty()) {
      bad.increment();
      return P0fWire.Response.of(P0fWire.BAD_QUERY);
    }
    Optional<ClientHistory> known = clients.apply(address.get());
    if (known.isEmpty()) {
      unknown.increment();
      return P0fWire.Response.of(P0fWire.NO_MATCH);
    }
    found.increment();
    return response(known.get());
  }

  static P0fWire.Response response(ClientHistory history) {
    Observation latest = history.latest();
    OperatingSystem os = latest.fingerprint().os();
    int distance = latest.fingerprint().distance();
    int quality =
        os.quality() == Quality.FUZZY
            ? P0fWire.FUZZY
            : os.quality() == Quality.GENERIC ? P0fWire.GENERIC : 0;
    return new P0fWire.Response(
        P0fWire.OK,
        history.firstSeen().getEpochSecond(),
        latest.time().getEpochSecond(),
        history.connections(),
        latest.uptime().map(uptime -> uptime.toMinutes()).orElse(0L),
        history.wrapDays(),
        history.lastSharing().map(Instant::getEpochSecond).orElse(0L),
        history.lastChange().map(Instant::getEpochSecond).orElse(0L),
        distance < 0 ? P0fWire.NO_DISTANCE : distance,
        0,
        quality,
        os.name(),
        os.flavor(),
        latest.fingerprint().link());
  }

  /** Where it listens, in the order of the endpoints, ports filled in. */
  public List<Endpoint> endpoints() {
    return listening.stream()
        .map(channel ->
            channel.localAddress() instanceof InetSocketAddress inet
                ? new Endpoint.Inet(inet.getAddress().getHostAddress(), inet.getPort())
                : (Endpoint)
                    new Endpoint.Unix(java.nio.file.Path.of(channel.localAddress().toString())))
        .toList();
  }

  /** What was answered since the start. */
  public Counters counters() {
    return new Counters(found.sum(), unknown.sum(), bad.sum(), refused.sum(), open.get());
  }

  @Override
  public void close() {
    listening.forEach(channel -> channel.close().awaitUninterruptibly(2, TimeUnit.SECONDS));
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }
}
