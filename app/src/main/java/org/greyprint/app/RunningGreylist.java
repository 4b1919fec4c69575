// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The greylist of the running daemon. */
final class RunningGreylist implements GreylistAccess {
  private final DaemonClient daemon;

  RunningGreylist(DaemonClient daemon) {
    this.daemon = daemon;
  }

  private Part part(String path, String key, String query) {
    Map<String, Object> answer = daemon.get(path + query);
    return new Part(
        DaemonClient.list(answer, key),
        Optional.of(DaemonClient.text(answer, "next")).filter(next -> !next.isEmpty()));
  }

  @Override
  public Part triplets(Filter filter, String after, int most) {
    return part(
        "/api/v1/greylist/triplets",
        "triplets",
        DaemonClient.query(
            "client",
            filter.client(),
            "sender",
            filter.sender(),
            "recipient",
            filter.recipient(),
            "state",
            filter.state(),
            "after",
            after,
            "limit",
            Integer.toString(most)));
  }

  @Override
  public Part clients(String after, int most) {
    return part(
        "/api/v1/greylist/clients",
        "clients",
        DaemonClient.query("after", after, "limit", Integer.toString(most)));
  }

  @Override
  public Part correspondents(String after, int most) {
    return part(
        "/api/v1/greylist/correspondents",
        "correspondents",
        DaemonClient.query("after", after, "limit", Integer.toString(most)));
  }

  private static Map<String, Object> body(Filter filter) {
    Map<String, Object> body = new LinkedHashMap<>();
    put(body, "client", filter.client());
    put(body, "sender", filter.sender());
    put(body, "recipient", filter.recipient());
    put(body, "state", filter.state());
    if (filter.isEmpty()) {
      body.put("all", true);
    }
    return body;
  }

  private static void put(Map<String, Object> body, String key, String value) {
    if (!value.isEmpty()) {
      body.put(key, value);
    }
  }

  @Override
  public long release(Filter filter, String by) {
    Map<String, Object> body = body(filter);
    body.put("by", by);
    return DaemonClient.number(daemon.post("/api/v1/greylist/release", body), "released");
  }

  @Override
  public long forget(Filter filter) {
    return DaemonClient.number(daemon.post("/api/v1/greylist/forget", body(filter)), "forgotten");
  }

  @Override
  public List<Map<String, Object>> exceptions() {
    return DaemonClient.list(daemon.get("/api/v1/greylist/exceptions"), "exceptions");
  }

  @Override
  public Map<String, Object> allow(
      String kind, String value, String delay, String by, String reason, String lasts) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("kind", kind);
    body.put("value", value);
    body.put("delay", delay);
    body.put("by", by);
    put(body, "reason", reason);
    put(body, "for", lasts);
    return daemon.post("/api/v1/greylist/exceptions", body);
  }

  @Override
  public void remove(String id) {
    daemon.delete("/api/v1/greylist/exceptions" + DaemonClient.query("id", id));
  }

  @Override
  public void close() {}
}
