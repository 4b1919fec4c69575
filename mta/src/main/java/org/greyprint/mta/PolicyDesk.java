// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.net.InetAddress;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.greyprint.capture.Observation;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.milter.Addresses;

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
    String stage = request.get("protocol_state");
    String recipient = request.get("recipient");
    boolean atRcpt = stage.equals("RCPT");
    Optional<InetAddress> address = Addresses.parse(request.get("client_address"));
    if ((!atRcpt && !stage.equals("DATA")) || recipient.isEmpty() || address.isEmpty()) {
      return CompletableFuture.completedStage(held(request, stage).orElse(DUNNO));
    }
    String instance = request.get("instance");
    Inquiry.Client client =
        new Inquiry.Client(
            address.get(),
            request.clientPort().orElse(0),
            request.name("client_name"),
            request.name("reverse_client_name"));
    Inquiry.Session session =
        new Inquiry.Session(
            "policy",
            "p" + (instance.isEmpty() ? connection : instance),
            PolicyRequest.port(request.get("server_port")),
            request.get("helo_name"),
            request.get("sasl_username"),
            request.get("encryption_protocol"));
    Instances.State state =
        instances.of(
            instance,
            () -> {
              desk.counters().sessions.increment();
              desk.connected(client, session);
              return new Instances.State(look(client, request.clientPort().isPresent()));
            });
    if (!atRcpt && state.wasDecided()) {
      return CompletableFuture.completedStage(state.atData().orElse(DUNNO));
    }
    String sender = request.get("sender");
    if (atRcpt && sender.isEmpty() && instance.isEmpty()) {
      // Nothing could be remembered until DATA, and senders are verified up to RCPT.
      return CompletableFuture.completedStage(DUNNO);
    }
    Inquiry.Envelope envelope =
        new Inquiry.Envelope(session.id(), sender, recipient, request.size());
    return state
        .syn()
        .thenCompose(seen ->
            desk.decide(client, session, envelope, seen)
                .thenApply(decision ->
                    action(
                        decision,
                        state,
                        atRcpt && sender.isEmpty(),
                        Desk.headerValue(client, session, seen))));
  }

  /** What was kept for DATA, also where the request does not name the one recipient. */
  private Optional<String> held(PolicyRequest request, String stage) {
    String instance = request.get("instance");
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
