// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.greyprint.decision.Decider;
import org.greyprint.fingerprint.Fingerprint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The SMTP gateway: a front door for any mail server, which sees each client's SYN.
 *
 * <p>The kernel keeps the SYN of every connection for a listener that asks for it, so no privilege,
 * no capture and no race is between a client and what it is. The gateway is a transparent relay and
 * no queue: commands go to the next hop one by one and its answers come back, messages stream
 * through in bounded memory, and nothing is acknowledged that the next hop, or the disk under a
 * Maildir, has not acknowledged. docs/gateway.md is its page.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * <ul>
 *   <li>warning "next hop ... cannot be reached", "... did not answer", "... sent ...": clients get
 *       4xx and try again later; nothing is lost.
 *   <li>warning "no decision within ...": the recipient was delivered.
 *   <li>warning "certificate ...": the former one stays in use.
 *   <li>error "a message could not be kept": the disk under the Maildir; clients get 4xx.
 *   <li>error "a bug": it cost one connection.
 * </ul>
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link GatewaySettings}.
 */
public final class Gateway implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
  private static final int BACKLOG = 4096;

  /** A small message comes with one read; TCP_NODELAY is Netty's default. */
  private static final int LEAST_READ = 8192;

  private final Parts parts;
  private final EventLoopGroup group;
  private final List<Channel> listening = new ArrayList<>();

  private Gateway(Parts parts, EventLoopGroup group) {
    this.parts = parts;
    this.group = group;
  }

  /**
   * Starts listening.
   *
   * @param decider is asked about every recipient that the next hop took
   * @param syns makes a fingerprint of a packet that begins with its IP header
   * @param clock the time of inquiries, trace headers and file names
   * @throws IOException if it cannot listen, or cannot use a certificate or the Maildir; says which
   *     and why, and nothing listens then
   */
  public static Gateway start(
      GatewaySettings settings,
      Decider decider,
      Function<byte[], Optional<Fingerprint>> syns,
      InstantSource clock)
      throws IOException {
    if (settings.tls().isEmpty()
        && settings.listeners().stream().anyMatch(GatewaySettings.Listener::implicitTls)) {
      throw new IOException("a listener with implicit TLS needs a certificate");
    }
    Parts parts = new Parts(settings, decider, syns, clock);
    Gateway gateway =
        new Gateway(
            parts,
            new MultiThreadIoEventLoopGroup(
                settings.threads(),
                new DefaultThreadFactory("gateway", true),
                EpollIoHandler.newFactory()));
    try {
      for (GatewaySettings.Listener listener : settings.listeners()) {
        gateway.listen(listener);
      }
    } catch (IOException | RuntimeException e) {
      gateway.shutDown();
      throw e;
    }
    return gateway;
  }

  private void listen(GatewaySettings.Listener listener) throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(group)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .option(SavedSyn.SAVE, 1)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(LEAST_READ, LEAST_READ, 64 << 10)
                    .maxMessagesPerRead(2))
            .childHandler(new Door(parts, listener))
            .bind(listener.address())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw new IOException(
          "cannot listen on "
              + listener.address()
              + ": "
              + (cause == null ? "?" : cause.getMessage()),
          cause);
    }
    listening.add(bound.channel());
  }

  /** Where it listens, in the order of the listeners, ports filled in. */
  public List<InetSocketAddress> addresses() {
    return listening.stream().map(channel -> (InetSocketAddress) channel.localAddress()).toList();
  }

  /** What it counted. */
  public GatewayCounters counters() {
    return parts.counters();
  }

  /** Looks now whether certificates changed; they are looked at by themselves too. */
  public void reloadCertificates() {
    parts.certificates().ifPresent(Certificates::reload);
  }

  /**
   * Takes no new client and no new message, lets messages that are under way come to their end, and
   * tells idle clients 421.
   *
   * @return completes when no session is left, or when the limit has passed and those left were cut
   *     off; their messages were not acknowledged
   */
  public CompletionStage<Void> drain() {
    CompletableFuture<Void> done = new CompletableFuture<>();
    parts.draining = true;
    listening.forEach(Channel::close);
    long until = System.nanoTime() + parts.settings().timeouts().drain().toNanos();
    drain(until, done);
    return done;
  }

  private void drain(long until, CompletableFuture<Void> done) {
    if (parts.sessions.isEmpty()) {
      done.complete(null);
      return;
    }
    boolean over = System.nanoTime() - until >= 0;
    for (Session session : parts.sessions) {
      session.onLoop(over ? session::shutDown : session::drain);
    }
    if (over) {
      LOG.warn("{} sessions were cut off", parts.sessions.size());
      done.complete(null);
      return;
    }
    group.schedule(() -> drain(until, done), 50, TimeUnit.MILLISECONDS);
  }

  /** Closes at once; {@link #drain} before it is kinder. */
  @Override
  public void close() {
    parts.draining = true;
    shutDown();
  }

  private void shutDown() {
    listening.forEach(channel -> channel.close().awaitUninterruptibly(2, TimeUnit.SECONDS));
    for (Session session : parts.sessions) {
      session.onLoop(session::shutDown);
    }
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
  }

  /** What all sessions share. */
  static final class Parts {
    private final GatewaySettings settings;
    private final Decider decider;
    private final Function<byte[], Optional<Fingerprint>> syns;
    private final InstantSource clock;
    private final GatewayCounters counters = new GatewayCounters();
    private final Clients clients = new Clients();
    private final Spares spares = new Spares();
    private final Optional<Certificates> certificates;
    private final Optional<Maildir> maildir;
    private final HopTlsContext hopTls;
    private final HopTraits hopTraits;
    private final Map<EventLoop, HopConnector> connectors = new ConcurrentHashMap<>();
    private final String hostname;
    private final Set<Session> sessions = ConcurrentHashMap.newKeySet();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong ids = new AtomicLong();
    private final String start;
    private volatile boolean draining;

    Parts(
        GatewaySettings settings,
        Decider decider,
        Function<byte[], Optional<Fingerprint>> syns,
        InstantSource clock)
        throws IOException {
      this.settings = settings;
      this.decider = decider;
      this.syns = syns;
      this.clock = clock;
      this.hostname = settings.hostname().isEmpty() ? ownName() : settings.hostname();
      this.certificates =
          settings.tls().isPresent()
              ? Optional.of(new Certificates(settings.tls().get(), clock))
              : Optional.empty();
      this.maildir =
          settings.nextHop() instanceof NextHop.Maildir(Path folder)
              ? Optional.of(Maildir.open(folder, hostname, clock))
              : Optional.empty();
      this.hopTls = new HopTlsContext(settings);
      this.hopTraits = new HopTraits(clock);
      this.start = Long.toString(clock.instant().toEpochMilli(), 36);
    }

    private static String ownName() {
      try {
        String name = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        return name.matches("[A-Za-z0-9._-]{1,255}") ? name : "localhost";
      } catch (IOException e) {
        return "localhost";
      }
    }

    GatewaySettings settings() {
      return settings;
    }

    Decider decider() {
      return decider;
    }

    Function<byte[], Optional<Fingerprint>> syns() {
      return syns;
    }

    InstantSource clock() {
      return clock;
    }

    GatewayCounters counters() {
      return counters;
    }

    Clients clients() {
      return clients;
    }

    Optional<Certificates> certificates() {
      return certificates;
    }

    String hostname() {
      return hostname;
    }

    boolean draining() {
      return draining;
    }

    String newId() {
      return start + Long.toString(ids.incrementAndGet(), 36);
    }

    /** A session came; false if there are too many. */
    boolean came(Session session) {
      sessions.add(session);
      counters.sessions.increment();
      counters.open.increment();
      return open.incrementAndGet() <= settings.limits().connections();
    }

    void gone(Session session) {
      if (sessions.remove(session)) {
        open.decrementAndGet();
        counters.open.decrement();
      }
    }

    /** A connection to the next hop: one that rests, or a new one. */
    Hop hop(EventLoop loop, Caller caller, Hop.Owner owner) {
      SmtpHop spare = spares.take(loop, caller, owner);
      return spare == null ? newHop(loop, owner) : spare;
    }

    /** Ends a connection in order, or keeps it for another session. */
    void release(EventLoop loop, Hop hop) {
      if (draining || !spares.keep(loop, hop)) {
        hop.quit();
      }
    }

    /** The next hop does not let a second session begin on a connection. */
    void neverAgain(Hop refusing) {
      spares.stop();
      refusing.quit();
    }

    Hop newHop(EventLoop loop, Hop.Owner owner) {
      if (maildir.isPresent()) {
        return new MaildirHop(maildir.get(), loop, owner);
      }
      HopConnector connector =
          connectors.computeIfAbsent(loop, own -> new HopConnector(settings, own));
      return new SmtpHop(settings, hopTls, hopTraits, connector, loop, owner);
    }

    void startTls(EpollSocketChannel channel, Session session) {
      Door.tls(this, channel, session, () -> {});
    }
  }
}
