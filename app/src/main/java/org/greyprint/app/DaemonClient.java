// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.app.admin.Json;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.serve.Daemon;
import org.jspecify.annotations.Nullable;

/** Asks the running daemon over its administration. */
final class DaemonClient {
  private static final int CONNECT_MILLIS = 5_000;
  private static final int READ_MILLIS = 120_000;

  private final String base;
  private final String token;

  private DaemonClient(String base, String token) {
    this.base = base;
    this.token = token;
  }

  /**
   * The daemon of this configuration.
   *
   * @throws Failure if it does not run, or its token cannot be read
   */
  static DaemonClient of(Configuration configuration) {
    return find(configuration)
        .orElseThrow(() ->
            new Failure(
                "no daemon runs with state "
                    + configuration.state()
                    + ": start 'greyprint serve', or name its configuration with --config FILE"));
  }

  /** The daemon of this configuration; empty if none runs. */
  static Optional<DaemonClient> find(Configuration configuration) {
    Path file = configuration.state().resolve(Daemon.ADDRESS_FILE);
    String address;
    try {
      address = Files.readString(file).strip();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new Failure(file + ": cannot be read: run this as the daemon's user or root", e);
    }
    DaemonClient client = new DaemonClient("http://" + address, token(configuration));
    try {
      client.connect("GET", "/healthz").getResponseCode();
      return Optional.of(client);
    } catch (ConnectException e) {
      // It was killed, and could not remove the file.
      return Optional.empty();
    } catch (IOException e) {
      throw new Failure("the daemon at " + address + " does not answer: " + e.getMessage(), e);
    }
  }

  private static String token(Configuration configuration) {
    Path file = configuration.admin().tokenFile();
    try {
      return Files.readString(file).lines().findFirst().orElse("").strip();
    } catch (NoSuchFileException e) {
      return "";
    } catch (AccessDeniedException e) {
      throw new Failure(file + ": permission denied: run this as the daemon's user or root", e);
    } catch (IOException e) {
      throw new Failure(file + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private HttpURLConnection connect(String method, String path) throws IOException {
    HttpURLConnection connection =
        (HttpURLConnection) URI.create(base + path).toURL().openConnection(java.net.Proxy.NO_PROXY);
    connection.setRequestMethod(method);
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(READ_MILLIS);
    connection.setRequestProperty("Authorization", "Bearer " + token);
    return connection;
  }

  /** Asks. */
  Map<String, Object> get(String path) {
    return request("GET", path, Optional.empty());
  }

  /** Removes. */
  Map<String, Object> delete(String path) {
    return request("DELETE", path, Optional.empty());
  }

  /** Changes. */
  Map<String, Object> post(String path, Map<String, Object> body) {
    return request("POST", path, Optional.of(body));
  }

  private Map<String, Object> request(
      String method, String path, Optional<Map<String, Object>> body) {
    try {
      HttpURLConnection connection = connect(method, path);
      if (body.isPresent()) {
        connection.setDoOutput(true);
        connection.setRequestProperty("Content-Type", "application/json");
        try (OutputStream out = connection.getOutputStream()) {
          out.write(Json.bytes(body.get()));
        }
      }
      int status = connection.getResponseCode();
      try (InputStream in = stream(connection, status)) {
        Map<String, Object> answer = Json.map(in.readAllBytes()).orElse(Map.of());
        if (status != HttpURLConnection.HTTP_OK) {
          throw new Failure(
              "the daemon refused: "
                  + (answer.get("error") instanceof String error ? error : "status " + status));
        }
        return answer;
      }
    } catch (IOException e) {
      throw new Failure("the daemon at " + base + " does not answer: " + e.getMessage(), e);
    }
  }

  private static InputStream stream(HttpURLConnection connection, int status) throws IOException {
    @Nullable InputStream in =
        status >= HttpURLConnection.HTTP_BAD_REQUEST
            ? connection.getErrorStream()
            : connection.getInputStream();
    return in == null ? InputStream.nullInputStream() : in;
  }

  /** Copies an answer as it is. */
  void download(String path, OutputStream to) throws IOException {
    HttpURLConnection connection = connect("GET", path);
    if (connection.getResponseCode() != HttpURLConnection.HTTP_OK) {
      throw new Failure("the daemon refused: status " + connection.getResponseCode());
    }
    try (InputStream in = connection.getInputStream()) {
      in.transferTo(to);
    }
  }

  /** A query such as {@code ?client=192.0.2.7}; empty values are left out. */
  static String query(String... namesAndValues) {
    StringBuilder query = new StringBuilder();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!namesAndValues[i + 1].isEmpty()) {
        query.append(query.isEmpty() ? '?' : '&').append(namesAndValues[i]).append('=');
        query.append(URLEncoder.encode(namesAndValues[i + 1], StandardCharsets.UTF_8));
      }
    }
    return query.toString();
  }

  /** The objects in a list of an answer. */
  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  static List<Map<String, Object>> list(Map<String, Object> answer, String key) {
    List<Map<String, Object>> objects = new ArrayList<>();
    if (answer.get(key) instanceof List<?> list) {
      for (Object each : list) {
        if (each instanceof Map<?, ?> map) {
          objects.add((Map<String, Object>) map);
        }
      }
    }
    return objects;
  }

  /** The object under a key of an answer. */
  @SuppressWarnings("unchecked") // keys of JSON objects are strings
  static Map<String, Object> object(Map<String, Object> answer, String key) {
    return answer.get(key) instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  static String text(Map<String, Object> object, String key) {
    Object value = object.get(key);
    return value == null ? "" : value.toString();
  }

  static long number(Map<String, Object> object, String key) {
    return object.get(key) instanceof Number number ? number.longValue() : 0;
  }
}
