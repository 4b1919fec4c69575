// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.time.Duration;
import java.util.Optional;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * MAIL and RCPT of a session. A recipient that the next hop took is asked about; one that is
 * deferred or refused then is taken back from the next hop before the message's data, by beginning
 * the transaction anew there.
 */
final class Envelope {
  private final Session session;
  private final Gateway.Parts parts;
  private final GatewaySettings settings;
  private final ClientConnection connection;
  private final Relay relay;
  private final Judge judge;
  private @Nullable Transaction transaction;
  private int messages;

  Envelope(Session session, Gateway.Parts parts, Relay relay, Judge judge) {
    this.session = session;
    this.parts = parts;
    this.settings = parts.settings();
    this.connection = session.connection();
    this.relay = relay;
    this.judge = judge;
  }

  @Nullable Transaction transaction() {
    return transaction;
  }

  /** The message has its answer. */
  void over() {
    transaction = null;
  }

  /** The transaction ends here before the next hop knows. */
  void forget() {
    if (transaction != null) {
      transaction = null;
      relay.outdated();
    }
  }

  void mail(Command command) {
    session.evidence().path(command, "FROM:");
    if (session.helo().isEmpty() || transaction != null) {
      session.disorder(
          session.helo().isEmpty() ? "5.5.1 EHLO or HELO first" : "5.5.1 Nested MAIL command");
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
      session.shutDown();
      return;
    }
    Hop hop = relay.current();
    if (!session.login().isEmpty() && (hop == null || !hop.alive())) {
      connection.close(Reply.of(421, "4.4.2 The mail server went away, authenticate again"));
      return;
    }
    relay.mail(
        session.caller(),
        command.line(),
        reply -> {
          if (reply.ok()) {
            String message = session.id() + "." + ++messages;
            transaction = new Transaction(message, path.get().address(), command.line(), size);
          }
          connection.reply(reply);
        });
  }

  void recipient(Command command) {
    session.evidence().path(command, "TO:");
    Transaction current = transaction;
    if (current == null) {
      session.disorder(Session.NO_MAIL);
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
    relay
        .used()
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

  private void decide(Transaction current, Command command, String address, Reply accepted) {
    Inquiry.Envelope envelope =
        new Inquiry.Envelope(current.id, current.sender, address, current.size);
    judge.decide(
        session.inquiry(envelope),
        decision -> {
          if (decision.isPresent()) {
            decided(current, command, decision.get(), accepted);
          } else {
            parts.counters().undecided.increment();
            current.recipients.add(command.line());
            connection.reply(accepted);
          }
        });
  }

  private void decided(Transaction current, Command command, Decision decision, Reply accepted) {
    switch (session.own() ? new Verdict.Deliver() : decision.verdict()) {
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
}
