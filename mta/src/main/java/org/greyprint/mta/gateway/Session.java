// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.greyprint.decision.Inquiry;
import org.greyprint.fingerprint.Fingerprint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's session: its commands go to the next hop one by one, and the answers back. {@link
 * Envelope} has MAIL and RCPT, {@link Body} DATA and BDAT, {@link Relay} the next hop.
 */
final class Session {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);
  private static final Set<String> OTHER_PROTOCOLS =
      Set.of("GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "PROXY");
  private static final Set<String> BETWEEN_CHUNKS = Set.of("BDAT", "RSET", "NOOP", "QUIT");
  private static final Pattern HOST = Pattern.compile("[!-~\\x80-\\xff]{1,255}");
  static final String NO_MAIL = "5.5.1 MAIL first";

  private final Gateway.Parts parts;
  private final GatewaySettings settings;
  private final GatewaySettings.Listener listener;
  private final EpollSocketChannel channel;
  private final String id;
  private final Evidence evidence = new Evidence();
  private final ClientConnection connection;
  private final Relay relay;
  private final Envelope envelope;
  private final Body body;
  private final Authentication authentication;

  private Runnable onOpen = () -> {};
  private InetSocketAddress client;
  private InetSocketAddress server;
  private Optional<Fingerprint> fingerprint = Optional.empty();
  private String helo = "";
  private boolean extended;
  private String tls = "";
  private boolean entered;
  private boolean announced;
  private long greeted;
  private int commands;

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
    this.relay = new Relay(parts, channel.eventLoop(), connection);
    this.envelope =
        new Envelope(
            this,
            parts,
            relay,
            new Judge(parts.decider(), settings.timeouts().decision(), channel.eventLoop()));
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
      if (evidence.early(waited)) {
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
    if (connection.idle() && envelope.transaction() == null) {
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
    if (body.begun() && !BETWEEN_CHUNKS.contains(command.verb())) {
      disorder("5.5.1 BDAT has begun");
      return;
    }
    switch (command.verb()) {
      case "EHLO", "HELO" -> hello(command);
      case "MAIL" -> envelope.mail(command);
      case "RCPT" -> envelope.recipient(command);
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

  void disorder(String text) {
    evidence.outOfOrder();
    connection.reply(Reply.of(503, text));
  }

  // ---- What the parts of a session ask each other

  String id() {
    return id;
  }

  String helo() {
    return helo;
  }

  String login() {
    return authentication.login();
  }

  String tls() {
    return tls;
  }

  /** Whether the client is one of our own, who are never deferred. */
  boolean own() {
    return client.getAddress().isLoopbackAddress() || !login().isEmpty();
  }

  Optional<Fingerprint> fingerprint() {
    return fingerprint;
  }

  Envelope envelope() {
    return envelope;
  }

  Relay relay() {
    return relay;
  }

  /** The end of the message was read. */
  void dataOver() {
    body.over();
  }

  Caller caller() {
    return new Caller(client, server, extended, helo);
  }

  private void hello(Command command) {
    if (!HOST.matcher(command.argument()).matches()) {
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
    relay.greet(caller(), !login().isEmpty(), this::helloAnswered);
  }

  private void helloAnswered(Reply reply) {
    Hop used = relay.used();
    if (!reply.ok()) {
      helo = "";
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

  private Inquiry.Client inquiryClient() {
    return new Inquiry.Client(client.getAddress(), client.getPort(), "", "");
  }

  private Inquiry.Session inquirySession() {
    String name = new String(helo.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
    return new Inquiry.Session("gateway", id, server.getPort(), name, login(), tls);
  }

  /** What is to be decided about a recipient. */
  Inquiry inquiry(Inquiry.Envelope about) {
    evidence.tcp(channel);
    evidence.system(fingerprint);
    return new Inquiry(
        parts.clock().instant(),
        inquiryClient(),
        inquirySession(),
        about,
        fingerprint,
        evidence.now());
  }

  void onLoop(Runnable task) {
    if (channel.eventLoop().inEventLoop()) {
      task.run();
    } else {
      channel.eventLoop().execute(task);
    }
  }

  /** Ends the transaction, and a message that has begun with it. */
  void forget() {
    if (body.begun()) {
      body.drop();
      relay.abort();
    }
    envelope.forget();
  }

  private void reset() {
    forget();
    relay.upToDate();
    passOn(Command.of("RSET", false), Reply.of(250, "2.0.0 Ok"));
  }

  private void passOn(Command command, Reply otherwise) {
    if (body.begun()) {
      connection.reply(otherwise);
    } else {
      relay.pass(command.line(), otherwise);
    }
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
    Hop known = relay.current();
    boolean offered =
        !tls.isEmpty() && known != null && known.alive() && known.capabilities().has("AUTH");
    if (!offered || known == null) {
      connection.reply(
          tls.isEmpty() && parts.certificates().isPresent()
              ? Reply.of(530, "5.7.0 STARTTLS first")
              : Reply.of(502, "5.5.1 AUTH is not offered"));
    } else if (envelope.transaction() != null || !login().isEmpty()) {
      disorder("5.5.1 AUTH is not allowed now");
    } else {
      authentication.begin(known, command);
    }
  }

  private void quit() {
    if (!body.begun() && login().isEmpty()) {
      relay.release();
    }
    connection.ending("quit");
    connection.close(Reply.of(221, "2.0.0 Bye"));
  }

  /** The connection is gone. */
  void over(String end) {
    if (body.begun()) {
      relay.abort();
    } else if (login().isEmpty()) {
      relay.release();
    } else {
      relay.quit();
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
