// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.greyprint.decision.Rules;
import org.greyprint.journal.Entry;

/** A decision and what led to it, for people. */
final class Explanation {
  private final Rules rules;
  private final Instant now;

  /**
   * Explains by these rules what would happen now.
   *
   * @param now the time of asking
   */
  Explanation(Rules rules, Instant now) {
    this.rules = rules;
    this.now = now;
  }

  /** Of a client that was never seen. */
  String ofNothing(String client) {
    StringBuilder out = new StringBuilder();
    out.append("No decision about ").append(client).append(" is in the journal.\n\nNow\n");
    rules(out, Map.of("os.family", "unknown", "os.role", "unknown"));
    return out.append("  a SYN that tells its operating system may change that\n").toString();
  }

  /** Of a decision, with the client's others, newest first. */
  String of(Entry entry, List<Entry> history) {
    StringBuilder out = new StringBuilder();
    out.append("Decision ").append(entry.id()).append(" of ").append(Times.text(entry.time()));
    out.append('\n');
    line(out, "client", host(entry));
    line(
        out,
        "message",
        "from <"
            + clean(entry.text("envelope.sender"))
            + "> to <"
            + clean(entry.text("envelope.recipient"))
            + ">");
    line(out, "done", done(entry));
    line(out, "rule", entry.rule());
    line(out, "reason", entry.reason());
    entry.headers().forEach(h -> line(out, "header", h.name() + ": " + h.value()));
    out.append("\nEvidence\n");
    line(out, "SYN", orNone(entry.text("os.signature"), "none was seen"));
    line(out, "system", system(entry));
    evidence(out, entry, "client");
    evidence(out, entry, "session");
    evidence(out, entry, "dns");
    others(out, entry);
    greylist(out, entry);
    if (!history.isEmpty()) {
      out.append("\nOther decisions about this address, newest first\n");
      history.forEach(other ->
          out.append("  ")
              .append(other.id())
              .append("  ")
              .append(Times.text(other.time()))
              .append("  port ")
              .append(other.port())
              .append("  to <")
              .append(clean(other.text("envelope.recipient")))
              .append(">  ")
              .append(done(other))
              .append(" (")
              .append(other.rule())
              .append(")\n"));
    }
    out.append("\nNow\n");
    rules(out, entry.evidence());
    return out.toString();
  }

  private void rules(StringBuilder out, Map<String, Object> evidence) {
    List<Rules.Trial> trials = rules.trial(evidence);
    for (Rules.Trial trial : trials) {
      String what = trial.said() + (trial.decides() ? ": " + trial.rule().then() : "");
      line(out, trial.rule().name(), what);
    }
    if (trials.stream().noneMatch(Rules.Trial::decides)) {
      line(out, "(no rule)", "deliver");
    }
  }

  private void greylist(StringBuilder out, Entry entry) {
    String state = entry.text("greylist.state");
    if (state.isEmpty()) {
      return;
    }
    out.append("\nGreylist\n");
    line(out, "state", state + " (" + entry.text("greylist.why") + ")");
    entry.number("greylist.tries").ifPresent(n -> line(out, "tries", Long.toString(n)));
    entry
        .number("greylist.waited")
        .filter(n -> n > 0)
        .ifPresent(n -> line(out, "waited", Times.text(Duration.ofSeconds(n))));
    if (state.equals("deferred")) {
      Instant due = entry.time().plus(entry.retryAfter());
      line(
          out,
          "passes",
          due.isAfter(now)
              ? "from " + Times.text(due) + " on, in " + Times.text(Duration.between(now, due))
              : "at the next try (since " + Times.text(due) + ")");
    }
  }

  private static void evidence(StringBuilder out, Entry entry, String part) {
    StringBuilder values = new StringBuilder();
    entry
        .evidence()
        .forEach((key, value) -> {
          boolean shown =
              key.startsWith(part + ".")
                  && !key.equals("client.address")
                  && !key.equals("client.port");
          if (shown) {
            values.append(values.isEmpty() ? "" : ", ");
            values.append(key.substring(part.length() + 1)).append('=');
            values.append(clean(value.toString()));
          }
        });
    if (!values.isEmpty()) {
      line(out, part, values.toString());
    }
  }

  private static void others(StringBuilder out, Entry entry) {
    entry
        .evidence()
        .forEach((key, value) -> {
          boolean grouped =
              List.of("client", "os", "session", "envelope", "dns", "greylist").stream()
                  .anyMatch(part -> key.startsWith(part + "."));
          if (!grouped) {
            line(out, key, clean(value.toString()));
          }
        });
  }

  private static String system(Entry entry) {
    if (entry.text("os.signature").isEmpty() && entry.text("os.name").isEmpty()) {
      return "UNKNOWN";
    }
    Object confidence = entry.evidence().getOrDefault("os.confidence", 0.0);
    return String.format(
        Locale.ROOT,
        "%s, role %s, quality %s, confidence %s, distance %s, MTU %s%s",
        entry.text("os.label"),
        entry.text("os.role"),
        entry.text("os.quality"),
        confidence,
        entry.number("os.distance").map(String::valueOf).orElse("unknown"),
        entry.number("os.mtu").map(String::valueOf).orElse("unknown"),
        entry.text("os.link").isEmpty() ? "" : ", " + entry.text("os.link"));
  }

  private static String done(Entry entry) {
    String verdict = words(entry.verdict());
    if (entry.observed()) {
      return verdict + ", would have been " + words(entry.intended());
    }
    return entry.retryAfter().isZero()
        ? verdict
        : verdict + ", to come again in " + Times.text(entry.retryAfter());
  }

  private static String words(String verdict) {
    return switch (verdict) {
      case "defer" -> "deferred";
      case "reject" -> "rejected";
      default -> "delivered";
    };
  }

  private static String host(Entry entry) {
    String address = entry.client().getHostAddress();
    if (entry.port() == 0) {
      return address;
    }
    return (address.contains(":") ? "[" + address + "]" : address) + ":" + entry.port();
  }

  private static String orNone(String text, String none) {
    return text.isEmpty() ? none : clean(text);
  }

  /** What came from outside, without control characters. */
  private static String clean(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static void line(StringBuilder out, String name, String value) {
    out.append(String.format(Locale.ROOT, "  %-12s %s%n", name, value));
  }
}
