// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.admin;

import io.helidon.http.BadRequestException;
import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Status;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The administration's HTTP server: what the daemon does, and changes to what it keeps.
 *
 * <p>Sums are shown to everyone who can reach the address: {@code /} (dashboard), {@code /metrics},
 * {@code /healthz}, {@code /api/v1/status}. What tells of people, and every change, needs the token
 * in {@code Authorization: Bearer}; a browser that was lured here has none. Requests whose {@code
 * Host} is a name of elsewhere are refused, so that no page of elsewhere can read through a name
 * that it points here.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * <ul>
 *   <li>warning "admin.token-file": it cannot be made; only sums are shown.
 *   <li>error "a request failed": a bug; it was answered 500.
 * </ul>
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@code listen.admin}, {@code admin.token-file}; docs/admin.md lists the requests.
 */
public final class AdminServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
  private static final int LARGEST_BODY = 64 << 10;

  /** Helidon's loggers, which must be held or their levels are forgotten. */
  private static final java.util.logging.Logger HELIDON =
      java.util.logging.Logger.getLogger("io.helidon");

  private final WebServer server;
  private final Token token;
  private final Managed daemon;
  private volatile InetSocketAddress address;

  private AdminServer(InetSocketAddress wanted, Token token, Managed daemon, Clock clock) {
    this.token = token;
    this.daemon = daemon;
    GreylistRequests greylist = new GreylistRequests(daemon, clock);
    JournalRequests journal = new JournalRequests(daemon, clock);
    Dashboard dashboard = new Dashboard(daemon, clock);
    HttpRouting.Builder routing =
        HttpRouting.builder()
            .get("/", open(dashboard::show))
            .get("/metrics", open(this::metrics))
            .get("/healthz", open(this::health))
            .get("/api/v1/status", open(this::status))
            .get("/api/v1/greylist/triplets", secret(greylist::list))
            .post("/api/v1/greylist/release", secret(greylist::release))
            .post("/api/v1/greylist/forget", secret(greylist::forget))
            .get("/api/v1/greylist/exceptions", secret(greylist::exceptions))
            .post("/api/v1/greylist/exceptions", secret(greylist::allow))
            .delete("/api/v1/greylist/exceptions", secret(greylist::remove))
            .get("/api/v1/greylist/clients", secret(greylist::clients))
            .get("/api/v1/greylist/correspondents", secret(greylist::correspondents))
            .get("/api/v1/greylist/explain", secret(greylist::explain))
            .get("/api/v1/decisions", secret(journal::decisions))
            .get("/api/v1/explain", secret(journal::explain))
            .get("/api/v1/clients", secret(journal::client))
            .get("/api/v1/signatures/unknown", secret(this::unknown))
            .get("/api/v1/backup", secret(this::backup))
            .post("/api/v1/reload", secret(this::reload))
            .error(HttpException.class, (request, response, e) -> refuse(response, e))
            .error(Exception.class, (request, response, e) -> failed(request, response, e));
    // That it cannot listen is told by the exception, in one line.
    HELIDON.setLevel(Level.OFF);
    server =
        WebServer.builder()
            .address(wanted.getAddress())
            .port(wanted.getPort())
            .maxPayloadSize(LARGEST_BODY)
            .maxTcpConnections(256)
            .idleConnectionTimeout(Duration.ofMinutes(2))
            .shutdownHook(false)
            .shutdownGracePeriod(Duration.ofMillis(500))
            .featuresDiscoverServices(false)
            .routing(routing)
            .build();
    address = wanted;
  }

  /** Makes it, which takes most of its time; it does not listen yet. */
  public static AdminServer prepare(
      InetSocketAddress address, Path tokenFile, Managed daemon, Clock clock) {
    return new AdminServer(address, Token.in(tokenFile), daemon, clock);
  }

  /**
   * Begins to listen.
   *
   * @throws IOException if it cannot listen there; says why
   */
  public void listen() throws IOException {
    // Helidon only logs why it cannot listen, so it is tried before.
    try (ServerSocket probe = new ServerSocket()) {
      probe.setReuseAddress(true);
      probe.bind(address);
    } catch (IOException e) {
      throw new IOException("cannot listen on " + text(address) + ": " + e.getMessage(), e);
    }
    server.start();
    HELIDON.setLevel(Level.WARNING);
    if (server.port() <= 0) {
      server.stop();
      throw new IOException("cannot listen on " + text(address));
    }
    address = new InetSocketAddress(address.getAddress(), server.port());
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return address;
  }

  private static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  private Handler open(Handler handler) {
    return (request, response) -> {
      checkHost(request);
      handler.handle(request, response);
    };
  }

  private Handler secret(Handler handler) {
    return open((request, response) -> {
      String given = request.headers().first(HeaderNames.AUTHORIZATION).orElse("").strip();
      if (!given.startsWith("Bearer ") || !token.matches(given.substring(7).strip())) {
        response.header("WWW-Authenticate", "Bearer");
        send(
            response,
            Status.UNAUTHORIZED_401,
            Map.of("error", "the token of admin.token-file is needed: Authorization: Bearer ..."));
        return;
      }
      handler.handle(request, response);
    });
  }

  private void checkHost(ServerRequest request) {
    String host = request.headers().first(HeaderNames.HOST).orElse("localhost");
    String name = host.replaceFirst(":\\d*$", "");
    boolean own =
        name.matches("[0-9.]+|\\[[0-9A-Fa-f:.]+]|localhost")
            || name.equalsIgnoreCase(address.getHostString());
    if (!own) {
      throw new HttpException(
          "ask by address, not by the name '" + name + "'", Status.create(421, "Misdirected"));
    }
  }

  /** Sends a JSON object. */
  static void send(ServerResponse response, Status status, Object value) {
    response.status(status);
    response.header("Content-Type", "application/json");
    response.header("Cache-Control", "no-store");
    response.send(Json.bytes(value));
  }

  private static void refuse(ServerResponse response, HttpException e) {
    send(response, e.status(), Map.of("error", String.valueOf(e.getMessage())));
  }

  private static void failed(ServerRequest request, ServerResponse response, Exception e) {
    if (e instanceof BadRequestException || e instanceof IllegalArgumentException) {
      send(response, Status.BAD_REQUEST_400, Map.of("error", String.valueOf(e.getMessage())));
      return;
    }
    LOG.error("a request failed: {} {}", request.prologue().method(), request.path().path(), e);
    if (!response.isSent()) {
      send(response, Status.INTERNAL_SERVER_ERROR_500, Map.of("error", "see the log"));
    }
  }

  private void metrics(ServerRequest request, ServerResponse response) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    PrometheusTextFormatWriter writer = PrometheusTextFormatWriter.create();
    writer.write(text, daemon.metrics());
    response.header("Content-Type", writer.getContentType());
    response.send(text.toByteArray());
  }

  private void health(ServerRequest request, ServerResponse response) {
    List<String> troubles = daemon.troubles();
    String text =
        troubles.isEmpty()
            ? "ok\n"
            : "degraded, mail is delivered:\n" + String.join("\n", troubles) + "\n";
    response.header("Content-Type", "text/plain; charset=utf-8");
    response.send(text.getBytes(StandardCharsets.UTF_8));
  }

  private void status(ServerRequest request, ServerResponse response) {
    send(
        response,
        Status.OK_200,
        Json.of(
            "started",
            daemon.started().toString(),
            "mode",
            daemon.configuration().observe() ? "observe" : "enforce",
            "parts",
            daemon.banner().stream().map(String::strip).toList(),
            "troubles",
            daemon.troubles()));
  }

  private void unknown(ServerRequest request, ServerResponse response) {
    int limit = Requests.limit(request, 100);
    send(
        response,
        Status.OK_200,
        Map.of(
            "unknown",
            daemon.captures().table().unknowns().top(limit).stream()
                .map(count -> Json.of("signature", count.signature(), "count", count.count()))
                .toList()));
  }

  private void backup(ServerRequest request, ServerResponse response) throws IOException {
    response.header("Content-Type", "application/x-tar");
    try (OutputStream out = response.outputStream()) {
      daemon.backup(out);
    }
  }

  private void reload(ServerRequest request, ServerResponse response) {
    boolean taken = daemon.reload();
    send(
        response,
        taken ? Status.OK_200 : Status.CONFLICT_409,
        taken
            ? Map.of("reloaded", true)
            : Map.of("error", "not reloaded: the log tells the mistakes"));
  }

  @Override
  public void close() {
    server.stop();
  }
}
