// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.greyprint.app.config.Configuration;
import org.jspecify.annotations.Nullable;

/** What the running daemon knows of a client now, beyond what the journal kept. */
final class LiveExplanation {
  private final StringBuilder out = new StringBuilder();

  private LiveExplanation() {}

  /**
   * For people; "" where no daemon runs.
   *
   * @param id of a decision, or else
   * @param client the client as it was given
   */
  static String of(Configuration configuration, @Nullable String id, @Nullable String client) {
    Optional<DaemonClient> daemon;
    try {
      daemon = DaemonClient.find(configuration);
    } catch (Failure e) {
      return "\nThe daemon was not asked: " + e.getMessage() + "\n";
    }
    if (daemon.isEmpty()) {
      return "";
    }
    String address =
        client == null
            ? ""
            : ExplainCommand.HostPort.parse(client)
                .map(ExplainCommand.HostPort::address)
                .map(InetAddress::getHostAddress)
                .orElse("");
    String query = DaemonClient.query("id", id == null ? "" : id, "client", address);
    LiveExplanation live = new LiveExplanation();
    try {
      live.add(daemon.get().get("/api/v1/explain" + query));
    } catch (Failure e) {
      return "\nThe daemon could not tell more: " + e.getMessage() + "\n";
    }
    return live.out.toString();
  }

  private void add(Map<String, Object> answer) {
    Map<String, Object> syn = DaemonClient.object(answer, "clientNow");
    if (!syn.isEmpty()) {
      out.append("\nLatest SYN of this address, now\n");
      line(
          "seen",
          DaemonClient.text(syn, "time") + ", port " + DaemonClient.text(syn, "clientPort"));
      line("system", DaemonClient.text(syn, "label") + ", role " + DaemonClient.text(syn, "role"));
      line("signature", DaemonClient.text(syn, "signature"));
      line(
          "connections",
          DaemonClient.text(syn, "connections")
              + " since "
              + DaemonClient.text(syn, "firstSeen")
              + ", of "
              + DaemonClient.text(syn, "hosts")
              + " machine(s)");
      if (DaemonClient.number(syn, "uptime") > 0) {
        line("uptime", Times.text(Duration.ofSeconds(DaemonClient.number(syn, "uptime"))));
      }
    }
    Map<String, Object> greylist = DaemonClient.object(answer, "greylistNow");
    if (!greylist.isEmpty()) {
      greylist(greylist);
    }
  }

  private void greylist(Map<String, Object> greylist) {
    out.append("\nGreylist, now\n");
    Map<String, Object> would = DaemonClient.object(greylist, "answer");
    String verdict = DaemonClient.text(would, "verdict");
    line(
        "would",
        verdict.equals("defer")
            ? "defer ("
                + DaemonClient.text(would, "why")
                + "), passes in "
                + Times.text(Duration.ofSeconds(DaemonClient.number(would, "retryAfter")))
            : verdict + " (" + DaemonClient.text(would, "why") + ")");
    line("compared", DaemonClient.text(greylist, "origins"));
    List<Map<String, Object>> triplets = DaemonClient.list(greylist, "triplets");
    for (Map<String, Object> triplet : triplets) {
      line(
          "triplet",
          DaemonClient.text(triplet, "state")
              + " from "
              + DaemonClient.text(triplet, "origin")
              + ", first "
              + DaemonClient.text(triplet, "first")
              + ", "
              + DaemonClient.text(triplet, "tries")
              + " tries, "
              + DaemonClient.text(triplet, "passes")
              + " passes, until "
              + DaemonClient.text(triplet, "expires"));
    }
    for (Map<String, Object> client : DaemonClient.list(greylist, "clients")) {
      String proven = DaemonClient.text(client, "provenUntil");
      line(
          "deliveries",
          DaemonClient.text(client, "name")
              + ": "
              + DaemonClient.text(client, "deliveries")
              + (proven.isEmpty() ? "" : ", proven until " + proven));
    }
    Map<String, Object> exception = DaemonClient.object(greylist, "exception");
    if (!exception.isEmpty()) {
      line(
          "exception",
          DaemonClient.text(exception, "id")
              + " by "
              + DaemonClient.text(exception, "by")
              + ", "
              + DaemonClient.text(exception, "made")
              + " "
              + DaemonClient.text(exception, "reason"));
    }
    Map<String, Object> correspondent = DaemonClient.object(greylist, "correspondent");
    if (!correspondent.isEmpty()) {
      line(
          "wrote",
          "the recipient wrote to this sender " + DaemonClient.text(correspondent, "last"));
    }
  }

  private void line(String name, String value) {
    out.append(
        String.format(Locale.ROOT, "  %-12s %s%n", name, value.replaceAll("\\p{Cntrl}", "?")));
  }
}
