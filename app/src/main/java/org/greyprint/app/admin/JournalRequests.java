// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import io.helidon.http.BadRequestException;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.greyprint.app.config.Units;
import org.greyprint.capture.Observation;
import org.greyprint.greylist.Attempt;
import org.greyprint.greylist.Explanation;
import org.greyprint.journal.Entry;
import org.greyprint.journal.JournalReader;
import org.greyprint.journal.Query;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Requests about decisions and the clients they were about. */
final class JournalRequests {
  private static final Logger LOG = LoggerFactory.getLogger(JournalRequests.class);

  private final Managed daemon;
  private final Clock clock;

  JournalRequests(Managed daemon, Clock clock) {
    this.daemon = daemon;
    this.clock = clock;
  }

  private JournalReader reader() {
    return new JournalReader(daemon.configuration().journal().directory());
  }

  private Query query(ServerRequest request) {
    Optional<Duration> since =
        Requests.query(request, "since")
            .map(text ->
                Units.duration(text)
                    .orElseThrow(() ->
                        new BadRequestException("since: '" + text + "' is not a time such as 7d")));
    return new Query(
        since.map(span -> clock.instant().minus(span)),
        Optional.empty(),
        Requests.query(request, "client").map(Requests::address),
        Requests.number(request, "port", 0, 0, 65_535),
        Requests.query(request, "id"),
        Requests.query(request, "recipient"));
  }

  void decisions(ServerRequest request, ServerResponse response) throws IOException {
    List<Entry> newest = reader().newest(query(request), Requests.limit(request, 100));
    AdminServer.send(
        response, Status.OK_200, Map.of("decisions", newest.stream().map(Json::entry).toList()));
  }

  /** All that is known of a decision: itself, what rules and greylist would say now, the client. */
  void explain(ServerRequest request, ServerResponse response) throws IOException {
    if (Requests.query(request, "id").isEmpty() && Requests.query(request, "client").isEmpty()) {
      throw new BadRequestException("the parameter 'id' or 'client' is needed");
    }
    Query query = query(request);
    Optional<Entry> found = reader().newest(query, 1).stream().findFirst();
    if (found.isEmpty() && query.id().isPresent()) {
      throw new HttpException("no decision '" + query.id().get() + "'", Status.NOT_FOUND_404);
    }
    InetAddress client = found.map(Entry::client).orElseGet(() -> query.client().orElseThrow());
    AdminServer.send(
        response,
        Status.OK_200,
        Json.of(
            "decision",
            found.map(Json::entry),
            "rulesNow",
            daemon.rules().trial(found.map(Entry::evidence).orElse(Map.of())).stream()
                .map(trial ->
                    Json.of(
                        "rule",
                        trial.rule().name(),
                        "then",
                        trial.rule().then(),
                        "said",
                        trial.said(),
                        "decides",
                        trial.decides()))
                .toList(),
            "greylistNow",
            found.flatMap(this::greylist).map(Json::explanation),
            "clientNow",
            daemon.captures().table().history(client).map(Json::history)));
  }

  private Optional<Explanation> greylist(Entry entry) {
    boolean pass = entry.text("dns.spf").equals("pass");
    String domain = entry.text("envelope.sender_domain");
    Attempt attempt =
        new Attempt(
            entry.client(),
            entry.text("session.helo"),
            Boolean.TRUE.equals(entry.evidence().get("dns.confirmed"))
                ? entry.text("dns.name")
                : "",
            entry.text("envelope.sender"),
            entry.text("envelope.recipient"),
            pass ? domain : "",
            Optional.empty(),
            false);
    try {
      return daemon.greylist().map(list -> list.explain(attempt).toCompletableFuture().join());
    } catch (CompletionException e) {
      LOG.debug("the greylist could not explain", e);
      return Optional.empty();
    }
  }

  /** What SYNs tell of an address, and of one of its connections. */
  void client(ServerRequest request, ServerResponse response) {
    InetAddress address = Requests.address(Requests.needed(request, "address"));
    int port = Requests.number(request, "port", 0, 0, 65_535);
    Optional<Observation> seen =
        daemon.captures().find(address, port, Duration.ZERO).toCompletableFuture().join();
    AdminServer.send(
        response,
        Status.OK_200,
        Json.of(
            "history",
            daemon.captures().table().history(address).map(Json::history),
            "label",
            seen.map(each -> each.fingerprint().os().label()),
            "signature",
            seen.map(each -> each.fingerprint().signature())));
  }
}
