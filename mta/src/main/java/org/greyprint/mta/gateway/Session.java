// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.fingerprint.Fingerprint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's session: its commands go to the next hop one by one, and the answers back. A
 * recipient that the next hop took is asked about; one that is deferred or refused then is taken
 * back from the next hop before the message's data, by beginning the transaction anew there.
 */
final class Session implements Hop.Owner {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Set<String> OTHER_PROTOCOLS =
      Set.of("GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "PROXY");
  static final Reply NO_MAIL = Reply.of(503, "5.5.1 MAIL first");

  private final Gateway.Parts parts;
  private final GatewaySettings settings;
  private final GatewaySettings.Listener listener;
  private final EpollSocketChannel channel;
  private final String id;
  private final Evidence evidence = new Evidence();
  private final ClientConnection connection;
  private final Body body;
  private final Authentication authentication;

  private Runnable onOpen = () -> {};
  private InetSocketAddress client;
  private InetSocketAddress server;
  private Optional<Fingerprint> fingerprint = Optional.empty();
  private String helo = "";
  private boolean extended;
  private String tls = "";
  private @Nullable Hop hop;
  private @Nullable Transaction transaction;
  private boolean hopIsStale;
  private boolean entered;
  private boolean announced;
  private long greeted;
  private int commands;
  private int messages;

  Session(
      Gateway.Parts parts,
      GatewaySettings.Listener listener,
      EpollSocketChannel channel,
      InetSocketAddress client,
      InetSocketAddress server,
      String id) {
    this.parts = parts;
    this.settings = parts.settings();
    this.listener = listener;
    this.channel = channel;
    this.client = client;
    this.server = server;
    this.id = id;
    this.connection = new ClientConnection(channel, settings, parts.counters(), this);
    this.body = new Body(this, parts);
    this.authentication = new Authentication(connection);
  }

  ClientConnection connection() {
    return connection;
  }

  Evidence evidence() {
    return evidence;
  }

  /** The connection is open; what must come before the greeting is waited for elsewhere. */
  void opened() {
    onOpen.run();
  }

  void onOpen(Runnable then) {
    onOpen = then;
  }

  /** The client is known now, and its SYN, if one was kept and is its own. */
  void begin(
      InetSocketAddress realClient,
      InetSocketAddress realServer,
      String synSource,
      Optional<Fingerprint> syn) {
    client = realClient;
    server = realServer;
    fingerprint = syn;
    evidence.put("gateway.listener", listener.name());
    evidence.put("syn.source", synSource);
    evidence.put("previous.end", parts.clients().lastEnd(client.getAddress()));
    (syn.isPresent() ? parts.counters().synSeen : parts.counters().synMissing).increment();
    boolean local = client.getAddress().isLoopbackAddress();
    int most = local ? settings.limits().connections() : settings.limits().perClient();
    if (!parts.clients().enter(client.getAddress(), most)) {
      parts.counters().turnedAway.increment();
      connection.close(Reply.of(421, "4.7.0 Too many connections from your address"));
      return;
    }
    entered = true;
    if (parts.draining()) {
      shutDown();
      return;
    }
    if (connection.hasMore()) {
      evidence.put("early.greeting", true);
    }
    greeted = System.nanoTime();
    connection.greet(Reply.of(220, parts.hostname() + " ESMTP Greyprint"));
  }

  /** Octets came when none were there: before the greeting can have been read? */
  void talked() {
    if (greeted == 0) {
      evidence.put("early.greeting", true);
    } else if (commands == 0 && greeted > 0) {
      long waited = (System.nanoTime() - greeted) / 1000;
      evidence.tcp(channel);
      greeted = -1;
      if (evidence.now().get("tcp.rtt") instanceof Long rtt && rtt >= 4000 && waited < rtt / 2) {
        evidence.put("early.greeting", true);
      }
    }
  }

  /** TLS was set up. */
  void encrypted(SslHandler handler) {
    tls = handler.engine().getSession().getProtocol();
    parts.counters().tls.increment();
    helo = "";
    forget();
  }

  void shutDown() {
    connection.ending("dropped");
    connection.close(Reply.of(421, "4.3.2 " + parts.hostname() + " is shutting down"));
  }

  /** Closes if nothing is under way. */
  void drain() {
    if (connection.idle() && transaction == null) {
      shutDown();
    }
  }

  void malformed(String reply) {
    connection.reply(Reply.of(Integer.parseInt(reply, 0, 3, 10), reply.substring(4)));
  }

  /** Works on a command; it is answered exactly once. */
  void command(Command command) {
    evidence.command(command);
    if (++commands > settings.limits().commands()) {
      connection.ending("dropped");
      connection.close(Reply.of(421, "4.7.0 Too many commands"));
      return;
    }
    if (OTHER_PROTOCOLS.contains(command.verb())) {
      connection.ending("dropped");
      connection.close(Reply.of(421, "4.7.0 This is no SMTP"));
      return;
    }
    boolean refuse = settings.strays() == GatewaySettings.Strays.REFUSE;
    if (command.bareLf() && refuse) {
      malformed("500 5.5.2 The line does not end with CRLF");
      return;
    }
    if (body.begun() && !Set.of("BDAT", "RSET", "NOOP", "QUIT").contains(command.verb())) {
      disorder(Reply.of(503, "5.5.1 BDAT has begun"));
      return;
    }
    switch (command.verb()) {
      case "EHLO", "HELO" -> hello(command);
      case "MAIL" -> mail(command);
      case "RCPT" -> recipient(command);
      case "DATA" -> body.data(command);
      case "BDAT" -> body.chunk(command);
      case "RSET" -> reset();
      case "NOOP" -> passOn(command, Reply.of(250, "2.0.0 Ok"));
      case "VRFY" -> passOn(command, Reply.of(252, "2.5.2 Cannot verify, but will take mail"));
      case "EXPN" -> passOn(command, Reply.of(502, "5.5.1 Not implemented"));
      case "HELP" -> connection.reply(Reply.of(214, "2.0.0 See RFC 5321"));
      case "STARTTLS" -> startTls(command);
      case "AUTH" -> authenticate(command);
      case "QUIT" -> quit();
      default -> connection.reply(Reply.of(500, "5.5.2 Unknown command"));
    }
  }

  private void disorder(Reply reply) {
    evidence.outOfOrder();
    connection.reply(reply);
  }

  // ---- What the parts of a session ask each other

  String login() {
    return authentication.login();
  }

  String tls() {
    return tls;
  }

  @Nullable Transaction transaction() {
    return transaction;
  }

  void transactionOver() {
    transaction = null;
  }

  Optional<Fingerprint> fingerprint() {
    return fingerprint;
  }

  @Nullable Hop currentHop() {
    return hop;
  }

  /** The end of the message was read. */
  void dataOver() {
    body.over();
  }

  void disorder() {
    evidence.outOfOrder();
  }

  Caller caller() {
    return new Caller(client, server, extended, helo);
  }

  private void hello(Command command) {
    if (!command.argument().matches("[!-~\\x80-\\xff]{1,255}")) {
      connection.reply(Reply.of(501, "5.5.4 " + command.verb() + " needs the name of your host"));
      return;
    }
    if (connection.hasMore() && helo.isEmpty()) {
      evidence.put("early.pipelining", true);
    }
    forget();
    helo = command.argument();
    extended = command.verb().equals("EHLO");
    evidence.put("dialect.hello", command.verb());
    if (!announced) {
      announced = true;
      announce();
    }
    Hop known = hop;
    if (known != null && known.alive() && !known.knows(caller()) && login().isEmpty()) {
      parts.release(channel.eventLoop(), known);
      known = null;
    }
    boolean fresh = known == null || !known.alive();
    Hop used = fresh ? parts.hop(channel.eventLoop(), this) : Objects.requireNonNull(known);
    hop = used;
    greet(used, fresh && used.reused());
  }

  private void greet(Hop used, boolean again) {
    used.greet(
        caller(),
        reply -> {
          if (again && !reply.ok()) {
            if (used.alive()) {
              parts.neverAgain(used);
            }
            Hop other = parts.newHop(channel.eventLoop(), this);
            hop = other;
            greet(other, false);
            return;
          }
          if (!reply.ok()) {
            helo = "";
          } else if (used.alive()) {
            hopIsStale = false;
          }
          if (!used.alive()) {
            parts.counters().hopFailures.increment();
            connection.close(Reply.of(421, reply.first()));
          } else if (!reply.ok()) {
            connection.reply(reply);
          } else if (extended) {
            connection.reply(offer(used.capabilities()));
          } else {
            connection.reply(Reply.of(250, parts.hostname()));
          }
        });
  }

  private void announce() {
    try {
      parts.decider().connected(inquiryClient(), inquirySession());
    } catch (RuntimeException e) {
      trouble(e);
    }
  }

  private Reply offer(Capabilities capabilities) {
    boolean encrypted = !tls.isEmpty();
    return capabilities.offer(
        parts.hostname(),
        settings.limits().messageSize(),
        !encrypted && parts.certificates().isPresent(),
        encrypted);
  }

  private Hop hop() {
    Hop known = hop;
    if (known == null || !known.alive()) {
      known = parts.newHop(channel.eventLoop(), this);
      hop = known;
      hopIsStale = false;
    }
    return known;
  }

  /** The next hop that a transaction is with; if it died, it says so itself. */
  Hop used() {
    return Objects.requireNonNull(hop);
  }

  /** Goes on when the next hop is there and in no transaction. */
  private void ready(Runnable go) {
    Hop known = hop;
    if (known == null || !known.alive()) {
      if (!login().isEmpty()) {
        connection.close(Reply.of(421, "4.4.2 The mail server went away, authenticate again"));
        return;
      }
      Hop fresh = hop();
      fresh.greet(caller(), reply -> proceed(reply, go));
    } else if (hopIsStale) {
      known.command(
          "RSET",
          reply -> {
            hopIsStale = false;
            proceed(reply, go);
          });
    } else {
      go.run();
    }
  }

  private void proceed(Reply reply, Runnable go) {
    if (reply.ok()) {
      go.run();
    } else {
      lost();
      connection.reply(reply.code() < 500 ? reply : Reply.away("does not take mail now"));
    }
  }

  void lost() {
    parts.counters().hopFailures.increment();
    if (hop != null) {
      hop.abort();
    }
    transaction = null;
  }

  private void mail(Command command) {
    evidence.path(command, "FROM:");
    if (helo.isEmpty() || transaction != null) {
      disorder(
          Reply.of(503, helo.isEmpty() ? "5.5.1 EHLO or HELO first" : "5.5.1 Nested MAIL command"));
      return;
    }
    Optional<Command.Path> path = command.path("FROM:");
    if (path.isEmpty()) {
      connection.reply(Reply.of(501, "5.5.4 Syntax: MAIL FROM:<address>"));
      return;
    }
    String parameters = path.get().parameters();
    if (Command.parameter(parameters, "BODY").orElse("").equalsIgnoreCase("BINARYMIME")) {
      connection.reply(Reply.of(555, "5.5.4 BINARYMIME is not offered"));
      return;
    }
    long size = Command.number(Command.parameter(parameters, "SIZE").orElse(""));
    long limit = settings.limits().messageSize();
    if (limit > 0 && size > limit) {
      connection.reply(Reply.of(552, "5.3.4 The message is too large"));
      return;
    }
    if (parts.draining()) {
      shutDown();
      return;
    }
    ready(() ->
        hop()
            .command(
                command.line(),
                reply -> {
                  if (reply.ok()) {
                    String message = id + "." + ++messages;
                    transaction =
                        new Transaction(message, path.get().address(), command.line(), size);
                  }
                  connection.reply(reply);
                }));
  }

  private void recipient(Command command) {
    evidence.path(command, "TO:");
    Transaction current = transaction;
    if (current == null) {
      disorder(NO_MAIL);
      return;
    }
    Optional<Command.Path> path = command.path("TO:");
    if (path.isEmpty() || path.get().address().isEmpty()) {
      connection.reply(Reply.of(501, "5.5.4 Syntax: RCPT TO:<address>"));
      return;
    }
    boolean lmtp = settings.nextHop() instanceof NextHop.Lmtp;
    int most = lmtp ? settings.limits().lmtpRecipients() : settings.limits().recipients();
    if (current.recipients.size() >= most) {
      connection.reply(Reply.of(452, "4.5.3 No more recipients for this message"));
      return;
    }
    used()
        .command(
            command.line(),
            reply -> {
              if (!reply.ok()) {
                connection.reply(reply);
              } else {
                decide(current, command, path.get().address(), reply);
              }
            });
  }

  private Inquiry.Client inquiryClient() {
    return new Inquiry.Client(client.getAddress(), client.getPort(), "", "");
  }

  private Inquiry.Session inquirySession() {
    String name = new String(helo.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    return new Inquiry.Session("gateway", id, server.getPort(), name, login(), tls);
  }

  private void decide(Transaction current, Command command, String address, Reply accepted) {
    evidence.tcp(channel);
    Inquiry inquiry =
        new Inquiry(
            parts.clock().instant(),
            inquiryClient(),
            inquirySession(),
            new Inquiry.Envelope(current.id, current.sender, address, current.size),
            fingerprint,
            evidence.now());
    new Judge(parts.decider(), settings.timeouts().decision(), channel.eventLoop())
        .decide(
            inquiry,
            decision -> {
              if (decision.isPresent()) {
                decided(current, command, decision.get(), accepted);
              } else {
                undecided(current, command, accepted);
              }
            });
  }

  void onLoop(Runnable task) {
    if (channel.eventLoop().inEventLoop()) {
      task.run();
    } else {
      channel.eventLoop().execute(task);
    }
  }

  private void undecided(Transaction current, Command command, Reply accepted) {
    parts.counters().undecided.increment();
    current.recipients.add(command.line());
    connection.reply(accepted);
  }

  private void decided(Transaction current, Command command, Decision decision, Reply accepted) {
    boolean own = client.getAddress().isLoopbackAddress() || !login().isEmpty();
    switch (own ? new Verdict.Deliver() : decision.verdict()) {
      case Verdict.Deliver ignored -> {
        parts.counters().delivered.increment();
        current.recipients.add(command.line());
        current.headers.addAll(decision.headers());
        connection.reply(accepted);
      }
      case Verdict.Defer(Duration retryAfter) -> {
        parts.counters().deferred.increment();
        Reply reply = Reply.of(451, "4.7.1 " + Texts.deferral(decision, retryAfter, settings));
        if (current.sender.isEmpty()) {
          // A bounce or a callback that asks whether an address exists: that must be answered.
          current.recipients.add(command.line());
          current.atData = reply;
          connection.reply(accepted);
        } else {
          current.stale = true;
          connection.reply(reply);
        }
      }
      case Verdict.Reject(String text) -> {
        parts.counters().rejected.increment();
        current.stale = true;
        connection.reply(Reply.of(550, "5.7.1 " + Texts.plain(text)));
      }
    }
  }

  /** Ends the transaction, and a message that has begun with it. */
  void forget() {
    if (body.begun()) {
      body.drop();
      if (hop != null) {
        hop.abort();
      }
    }
    if (transaction != null) {
      transaction = null;
      hopIsStale = true;
    }
  }

  private void reset() {
    forget();
    hopIsStale = false;
    passOn(Command.of("RSET", false), Reply.of(250, "2.0.0 Ok"));
  }

  /** Passes a command on that needs no transaction; answers it itself where there is no hop. */
  private void passOn(Command command, Reply otherwise) {
    Hop known = hop;
    if (known == null || !known.alive() || body.begun()) {
      connection.reply(otherwise);
      return;
    }
    known.command(command.line(), reply -> connection.reply(known.alive() ? reply : otherwise));
  }

  private void startTls(Command command) {
    if (parts.certificates().isEmpty() || !tls.isEmpty()) {
      connection.reply(Reply.of(502, "5.5.1 STARTTLS is not offered"));
    } else if (!command.argument().isEmpty()) {
      connection.reply(Reply.of(501, "5.5.4 STARTTLS takes no argument"));
    } else if (connection.hasMore()) {
      // Plain text that waits for TLS would be taken for part of it.
      connection.ending("dropped");
      connection.close(Reply.of(421, "5.5.1 Nothing may follow STARTTLS before TLS"));
    } else {
      parts.startTls(channel, this);
      connection.reply(Reply.of(220, "2.0.0 Ready for TLS"));
    }
  }

  private void authenticate(Command command) {
    Hop known = hop;
    boolean offered =
        !tls.isEmpty() && known != null && known.alive() && known.capabilities().has("AUTH");
    if (!offered || known == null) {
      connection.reply(
          tls.isEmpty() && parts.certificates().isPresent()
              ? Reply.of(530, "5.7.0 STARTTLS first")
              : Reply.of(502, "5.5.1 AUTH is not offered"));
    } else if (transaction != null || !login().isEmpty()) {
      disorder(Reply.of(503, "5.5.1 AUTH is not allowed now"));
    } else {
      authentication.begin(known, command);
    }
  }

  private void quit() {
    Hop known = hop;
    if (known != null && !body.begun() && login().isEmpty()) {
      hop = null;
      parts.release(channel.eventLoop(), known);
    }
    connection.ending("quit");
    connection.close(Reply.of(221, "2.0.0 Bye"));
  }

  @Override
  public void writable() {
    connection.resume();
  }

  /** The connection is gone. */
  void over(String end) {
    Hop known = hop;
    if (known != null) {
      if (body.begun()) {
        known.abort();
      } else if (login().isEmpty()) {
        parts.release(channel.eventLoop(), known);
      } else {
        known.quit();
      }
    }
    if (entered) {
      entered = false;
      parts.clients().leave(client.getAddress(), end);
    }
    parts.gone(this);
  }

  void trouble(Throwable cause) {
    if (cause instanceof java.io.IOException || cause instanceof DecoderException) {
      LOG.debug("session {}: {}", id, String.valueOf(cause.getMessage()));
    } else {
      LOG.error("session {}: a bug", id, cause);
    }
  }
}
