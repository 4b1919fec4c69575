// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import io.helidon.http.BadRequestException;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.greyprint.app.config.Units;
import org.greyprint.greylist.Attempt;
import org.greyprint.greylist.Exemption;
import org.greyprint.greylist.Greylist;
import org.greyprint.greylist.Page;
import org.greyprint.greylist.Triplet;
import org.greyprint.greylist.TripletFilter;
import tools.jackson.databind.JsonNode;

/** Requests about what the greylist keeps. */
final class GreylistRequests {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int LONGEST_TEXT = 500;

  private final Managed daemon;
  private final Clock clock;

  GreylistRequests(Managed daemon, Clock clock) {
    this.daemon = daemon;
    this.clock = clock;
  }

  private Greylist greylist() {
    return daemon
        .greylist()
        .orElseThrow(() ->
            new HttpException(
                "the store is not open: " + String.join("; ", daemon.troubles()),
                Status.SERVICE_UNAVAILABLE_503));
  }

  private static <T> T wait(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new HttpException("interrupted", Status.SERVICE_UNAVAILABLE_503, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (cause instanceof IllegalArgumentException) {
        throw new BadRequestException(String.valueOf(cause.getMessage()), cause);
      }
      throw new HttpException(
          "the store failed: " + cause.getMessage(), Status.SERVICE_UNAVAILABLE_503, cause);
    } catch (TimeoutException e) {
      throw new HttpException(
          "the store did not answer in time", Status.SERVICE_UNAVAILABLE_503, e);
    }
  }

  void list(ServerRequest request, ServerResponse response) {
    TripletFilter filter =
        new TripletFilter(
            Requests.query(request, "client"),
            Requests.query(request, "sender"),
            Requests.query(request, "recipient"),
            Requests.query(request, "state").map(GreylistRequests::state));
    String after = Requests.query(request, "after").orElse("");
    page(
        response,
        "triplets",
        wait(greylist().list(filter, after, Requests.limit(request, 1000))),
        Json::triplet);
  }

  void clients(ServerRequest request, ServerResponse response) {
    String after = Requests.query(request, "after").orElse("");
    page(
        response,
        "clients",
        wait(greylist().clients(after, Requests.limit(request, 1000))),
        Json::client);
  }

  void correspondents(ServerRequest request, ServerResponse response) {
    String after = Requests.query(request, "after").orElse("");
    page(
        response,
        "correspondents",
        wait(greylist().correspondents(after, Requests.limit(request, 1000))),
        Json::correspondent);
  }

  private static <T> void page(
      ServerResponse response, String name, Page<T> page, Function<T, Map<String, Object>> json) {
    AdminServer.send(
        response,
        Status.OK_200,
        Json.of(name, page.items().stream().map(json).toList(), "next", page.next()));
  }

  private static Triplet.State state(String word) {
    return Arrays.stream(Triplet.State.values())
        .filter(state -> Json.word(state).equals(word))
        .findFirst()
        .orElseThrow(() ->
            new BadRequestException(
                "state is one of " + String.join(", ", Json.words(Triplet.State.values()))));
  }

  /** The filter in a body; one that would mean everything must say so. */
  private static TripletFilter filter(JsonNode body) {
    TripletFilter filter =
        new TripletFilter(
            Requests.text(body, "client"),
            Requests.text(body, "sender"),
            Requests.text(body, "recipient"),
            Requests.text(body, "state").map(GreylistRequests::state));
    JsonNode all = body.get("all");
    if (filter.equals(TripletFilter.ALL) && (all == null || !all.isBoolean() || !all.asBoolean())) {
      throw new BadRequestException(
          "give client, sender, recipient or state, or \"all\": true for all triplets");
    }
    return filter;
  }

  void release(ServerRequest request, ServerResponse response) {
    JsonNode body = Requests.body(request);
    int count = wait(greylist().release(filter(body), by(body)));
    AdminServer.send(response, Status.OK_200, Map.of("released", count));
  }

  void forget(ServerRequest request, ServerResponse response) {
    int count = wait(greylist().forget(filter(Requests.body(request))));
    AdminServer.send(response, Status.OK_200, Map.of("forgotten", count));
  }

  void exceptions(ServerRequest request, ServerResponse response) {
    AdminServer.send(
        response,
        Status.OK_200,
        Map.of("exceptions", greylist().exemptions().stream().map(Json::exemption).toList()));
  }

  void allow(ServerRequest request, ServerResponse response) {
    JsonNode body = Requests.body(request);
    String kind = Requests.text(body, "kind").orElse("");
    Exemption exemption =
        new Exemption(
            Arrays.stream(Exemption.Kind.values())
                .filter(each -> each.word().equals(kind))
                .findFirst()
                .orElseThrow(() ->
                    new BadRequestException(
                        "kind is one of "
                            + String.join(
                                ", ",
                                Arrays.stream(Exemption.Kind.values())
                                    .map(Exemption.Kind::word)
                                    .toList()))),
            Requests.text(body, "value")
                .orElseThrow(() -> new BadRequestException("'value' is needed")),
            time(body, "delay").orElse(Duration.ZERO),
            by(body),
            clock.instant(),
            bounded(Requests.text(body, "reason").orElse("")),
            time(body, "for").map(span -> expiry(span)));
    Exemption kept = wait(greylist().allow(exemption));
    AdminServer.send(response, Status.OK_200, Json.exemption(kept));
  }

  private Instant expiry(Duration span) {
    return clock.instant().plus(span);
  }

  private static Optional<Duration> time(JsonNode body, String name) {
    return Requests.text(body, name)
        .map(text ->
            Units.duration(text)
                .orElseThrow(() ->
                    new BadRequestException(name + ": '" + text + "' is not a time such as 5m")));
  }

  private static String by(JsonNode body) {
    return bounded(Requests.text(body, "by").orElse("api"));
  }

  private static String bounded(String text) {
    if (text.length() > LONGEST_TEXT) {
      throw new BadRequestException("texts have at most " + LONGEST_TEXT + " characters");
    }
    return text;
  }

  void remove(ServerRequest request, ServerResponse response) {
    String id = Requests.needed(request, "id");
    if (!wait(greylist().remove(id))) {
      throw new HttpException("there is no exception '" + id + "'", Status.NOT_FOUND_404);
    }
    AdminServer.send(response, Status.OK_200, Map.of("removed", id));
  }

  void explain(ServerRequest request, ServerResponse response) {
    Attempt attempt =
        new Attempt(
            Requests.address(Requests.needed(request, "client")),
            Requests.query(request, "helo").orElse(""),
            Requests.query(request, "host").orElse(""),
            Requests.needed(request, "sender"),
            Requests.needed(request, "recipient"),
            Requests.query(request, "spf").orElse(""),
            Optional.empty(),
            false);
    AdminServer.send(response, Status.OK_200, Json.explanation(wait(greylist().explain(attempt))));
  }
}
