// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.greyprint.capture.Observation;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.milter.Addresses;
import org.greyprint.mta.PolicyRequest.Attribute;

/** From a policy request to an action, and what is remembered between the two. */
final class PolicyDesk {
  static final String DUNNO = "DUNNO";

  private final Desk desk;
  private final String header;
  private final Instances instances;

  PolicyDesk(Desk desk, String header, int instances) {
    this.desk = desk;
    this.header = header;
    this.instances = new Instances(instances);
  }

  FaceCounters counters() {
    return desk.counters();
  }

  /**
   * The action, without {@code action=} and line ends.
   *
   * @param connection names a request that has no {@code instance}
   */
  CompletionStage<String> answer(PolicyRequest request, String connection) {
    String stage = request.get(Attribute.PROTOCOL_STATE);
    String recipient = request.get(Attribute.RECIPIENT);
    boolean atRcpt = stage.equals("RCPT");
    Optional<InetAddress> address = Addresses.parse(request.get(Attribute.CLIENT_ADDRESS));
    if ((!atRcpt && !stage.equals("DATA")) || recipient.isEmpty() || address.isEmpty()) {
      return CompletableFuture.completedStage(held(request, stage).orElse(DUNNO));
    }
    String instance = request.get(Attribute.INSTANCE);
    Inquiry.Client client =
        new Inquiry.Client(
            address.get(),
            request.clientPort().orElse(0),
            request.name(Attribute.CLIENT_NAME),
            request.name(Attribute.REVERSE_CLIENT_NAME));
    Inquiry.Session session =
        new Inquiry.Session(
            "policy",
            "p" + (instance.isEmpty() ? connection : instance),
            request.serverPort(),
            request.get(Attribute.HELO_NAME),
            request.get(Attribute.SASL_USERNAME),
            request.get(Attribute.ENCRYPTION_PROTOCOL));
    Instances.State state =
        instances.of(
            instance,
            () -> {
              desk.counters().sessions.increment();
              desk.connected(client, session);
              return look(client, request.clientPort().isPresent());
            });
    if (!atRcpt && state.wasDecided()) {
      return CompletableFuture.completedStage(state.atData().orElse(DUNNO));
    }
    String sender = request.get(Attribute.SENDER);
    if (atRcpt && sender.isEmpty() && instance.isEmpty()) {
      // Nothing could be remembered until DATA, and senders are verified up to RCPT.
      return CompletableFuture.completedStage(DUNNO);
    }
    Inquiry.Envelope envelope =
        new Inquiry.Envelope(session.id(), sender, recipient, request.size());
    boolean waitForData = atRcpt && sender.isEmpty();
    Function<Optional<Observation>, CompletionStage<String>> decide =
        seen ->
            desk.decide(client, session, envelope, seen)
                .thenApply(decision ->
                    action(decision, state, waitForData, Desk.headerValue(client, session, seen)));
    CompletableFuture<Optional<Observation>> syn = state.syn().toCompletableFuture();
    // As a rule the SYN is there, or is known to be missing, and a stage of its own is saved.
    return syn.isDone() && !syn.isCompletedExceptionally()
        ? decide.apply(syn.join())
        : syn.thenCompose(decide);
  }

  /** What was kept for DATA, also where the request does not name the one recipient. */
  private Optional<String> held(PolicyRequest request, String stage) {
    String instance = request.get(Attribute.INSTANCE);
    if (!stage.equals("DATA") || instance.isEmpty()) {
      return Optional.empty();
    }
    return instances.known(instance).flatMap(Instances.State::atData);
  }

  private CompletionStage<Optional<Observation>> look(Inquiry.Client client, boolean portTold) {
    return client.loopback() || !portTold
        ? desk.nothingToLookFor()
        : desk.look(client.address(), client.port());
  }

  private String action(
      Decision decision, Instances.State state, boolean waitForData, String value) {
    state.decided();
    return switch (decision.verdict()) {
      case Verdict.Deliver deliver -> {
        counters().delivered.increment();
        if (!state.takeHeader()) {
          yield DUNNO;
        }
        counters().headers.increment();
        yield "PREPEND " + header + ": " + value;
      }
      case Verdict.Defer defer -> {
        counters().deferred.increment();
        String action = "DEFER_IF_PERMIT 4.7.1 " + desk.deferral(decision, defer);
        if (waitForData) {
          state.atData(action);
          yield DUNNO;
        }
        yield action;
      }
      case Verdict.Reject reject -> {
        counters().rejected.increment();
        yield "550 5.7.1 " + plain(reject.text());
      }
    };
  }

  /** One line of printable ASCII. */
  private static String plain(String text) {
    String line = text.replaceAll("[^ -~]", "?");
    return line.isBlank() ? "Refused" : line.substring(0, Math.min(line.length(), 400));
  }

  int instances() {
    return instances.size();
  }
}
