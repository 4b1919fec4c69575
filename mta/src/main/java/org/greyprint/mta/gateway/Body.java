// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.greyprint.decision.Decision;
import org.greyprint.mta.HeaderValue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * DATA and BDAT of a session. Chunks go to the next hop as DATA, since removing and adding headers
 * changes their lengths; only the last one's answer is about the message (RFC 3030).
 */
final class Body {
  private static final Logger LOG = LoggerFactory.getLogger(Body.class);

  private final Session session;
  private final Gateway.Parts parts;
  private final GatewaySettings settings;
  private final ClientConnection connection;
  private @Nullable DataPhase data;
  private @Nullable Command pendingChunk;

  Body(Session session, Gateway.Parts parts) {
    this.session = session;
    this.parts = parts;
    this.settings = parts.settings();
    this.connection = session.connection();
  }

  /** Whether data of a message was sent and its end was not. */
  boolean begun() {
    return data != null;
  }

  /** Drops what was begun. */
  void drop() {
    data = null;
    connection.endData();
  }

  /** Goes on when the next hop's transaction holds the recipients that passed, and no others. */
  private void agree(Transaction current, Runnable go) {
    if (!current.stale) {
      go.run();
      return;
    }
    current.stale = false;
    List<String> lines = new ArrayList<>();
    lines.add("RSET");
    lines.add(current.mail);
    lines.addAll(current.recipients);
    replay(lines, 0, go);
  }

  private void replay(List<String> lines, int at, Runnable go) {
    if (at == lines.size()) {
      go.run();
      return;
    }
    session
        .relay()
        .used()
        .command(
            lines.get(at),
            reply -> {
              if (reply.ok()) {
                replay(lines, at + 1, go);
              } else {
                LOG.warn("next hop took a recipient once and not again: {}", reply.first());
                session.relay().lost();
                session.envelope().over();
                refuseData(Reply.away("changed its mind"));
              }
            });
  }

  /** What becomes of the answer to DATA or BDAT where there is no message to be sent. */
  private void refuseData(Reply reply) {
    if (pendingChunk == null) {
      connection.reply(reply);
    } else {
      Command chunk = pendingChunk;
      pendingChunk = null;
      swallow(chunk, reply);
    }
  }

  void data(Command command) {
    Reply refusal = noData();
    if (!command.argument().isEmpty()) {
      refusal = Reply.of(501, "5.5.4 DATA takes no argument");
    }
    if (refusal != null) {
      connection.reply(refusal);
      return;
    }
    Transaction current = Objects.requireNonNull(session.envelope().transaction());
    open(
        current,
        true,
        reply -> {
          if (reply.code() == 354) {
            connection.startData(Objects.requireNonNull(data));
          }
          connection.reply(reply);
        });
  }

  /** Why there can be no data now; null if there can. */
  private @Nullable Reply noData() {
    Transaction current = session.envelope().transaction();
    if (current == null) {
      session.evidence().outOfOrder();
      return Reply.of(503, Session.NO_MAIL);
    }
    if (current.recipients.isEmpty()) {
      session.forget();
      return Reply.of(554, "5.5.1 No valid recipients");
    }
    Reply deferred = current.atData;
    if (deferred != null) {
      session.forget();
    }
    return deferred;
  }

  private void open(Transaction current, boolean stuffed, java.util.function.Consumer<Reply> then) {
    agree(
        current,
        () ->
            session
                .relay()
                .used()
                .command(
                    "DATA",
                    reply -> {
                      if (reply.code() == 354) {
                        data = phase(current, stuffed);
                      } else {
                        session.forget();
                      }
                      then.accept(
                          reply.failed() || reply.code() == 354
                              ? reply
                              : Reply.away("is out of step"));
                    }));
  }

  private DataPhase phase(Transaction current, boolean stuffed) {
    Hop used = session.relay().used();
    boolean trace = !used.introduced() && !proxied();
    String value =
        session.login().isEmpty() ? HeaderValue.of(session.fingerprint()) : HeaderValue.UNKNOWN;
    StringBuilder headers = new StringBuilder();
    List<String> names = new ArrayList<>(2);
    if (settings.nextHop() instanceof NextHop.Maildir) {
      Texts.envelope(current, headers);
      names.add("Return-Path");
    }
    headers.append(settings.face().header()).append(": ").append(value).append("\r\n");
    names.add(settings.face().header());
    for (Decision.Header header : current.headers) {
      headers.append(header.name()).append(": ").append(Texts.plain(header.value()));
      headers.append("\r\n");
      names.add(header.name());
    }
    if (trace) {
      headers.append(
          Texts.received(
              session.caller(),
              parts.hostname(),
              current.id,
              session.tls(),
              !session.login().isEmpty(),
              parts.clock().instant()));
    }
    return new DataPhase(
        used,
        headers.toString().getBytes(StandardCharsets.ISO_8859_1),
        names,
        settings.strays(),
        settings.limits().messageSize(),
        current.recipients.size(),
        stuffed);
  }

  private boolean proxied() {
    return settings.identity() == GatewaySettings.Identity.PROXY_V1
        || settings.identity() == GatewaySettings.Identity.PROXY_V2;
  }

  /** The end of the message was read. */
  void over() {
    DataPhase phase = Objects.requireNonNull(data);
    phase.end(reply -> {
      count(phase, reply);
      data = null;
      connection.endData();
      session.envelope().over();
      connection.reply(reply);
    });
  }

  private void count(DataPhase phase, Reply reply) {
    MessageFilter filter = phase.filter();
    parts.counters().octets.add(filter.octets());
    parts.counters().forged.add(filter.removed());
    parts.counters().strays.add(filter.strays());
    (reply.ok() ? parts.counters().messages : parts.counters().refusedMessages).increment();
    Hop hop = session.relay().current();
    if (hop != null && !hop.alive() && reply.code() == 451) {
      parts.counters().hopFailures.increment();
    }
    LOG.debug("a message of {} octets: {} {}", filter.octets(), reply.code(), reply.first());
  }

  void chunk(Command command) {
    String[] words = command.argument().split(" +", -1);
    boolean last = words.length == 2 && words[1].equalsIgnoreCase("LAST");
    if (!words[0].matches("\\d{1,18}") || (words.length > 1 && !last)) {
      // What follows cannot be told from commands.
      connection.ending("dropped");
      connection.close(Reply.of(421, "5.5.4 Syntax: BDAT octets [LAST]"));
      return;
    }
    if (data != null) {
      take(command);
      return;
    }
    Hop hop = session.relay().current();
    Reply refusal =
        hop == null || !hop.capabilities().has("CHUNKING")
            ? Reply.of(502, "5.5.1 CHUNKING is not offered")
            : noData();
    if (refusal != null) {
      swallow(command, refusal);
      return;
    }
    pendingChunk = command;
    open(
        Objects.requireNonNull(session.envelope().transaction()),
        false,
        reply -> {
          pendingChunk = null;
          if (reply.code() == 354) {
            take(command);
          } else {
            swallow(command, reply);
          }
        });
  }

  private static long octets(Command chunk) {
    return Command.number(chunk.argument().split(" +", 2)[0]);
  }

  private static boolean last(Command chunk) {
    return chunk.argument().indexOf(' ') > 0;
  }

  private void take(Command chunk) {
    connection.startChunk(
        Objects.requireNonNull(data),
        octets(chunk),
        last(chunk),
        last(chunk)
            ? this::over
            : () -> connection.reply(Reply.of(250, "2.0.0 " + octets(chunk) + " octets received")));
  }

  private void swallow(Command chunk, Reply reply) {
    connection.startChunk(null, octets(chunk), last(chunk), () -> connection.reply(reply));
  }
}
