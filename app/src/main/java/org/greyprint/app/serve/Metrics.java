// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Scanner;
import org.greyprint.capture.ClientTable;
import org.greyprint.capture.Source;
import org.greyprint.milter.MilterCounters;
import org.greyprint.mta.FaceCounters;
import org.greyprint.mta.P0fService;

/** Every figure of every part; docs/admin.md lists them. */
final class Metrics {
  private static final List<String> VERDICTS = List.of("delivered", "deferred", "rejected");

  /** Octets of a page of memory on the machines that this runs on. */
  private static final long PAGE = 4096;

  private final Figures figures = new Figures();

  private Metrics() {}

  static MetricSnapshots of(Parts parts, Instant started, List<String> troubles) {
    Metrics metrics = new Metrics();
    metrics.process(started, troubles);
    metrics.decisions(parts);
    metrics.greylist(parts.greylist());
    metrics.captures(parts);
    metrics.faces(parts);
    metrics.figures.counts(
        "journal_entries", "Decisions and the journal.", "event", journal(parts.journal()));
    metrics.figures.now(
        "journal_waiting",
        "Decisions that wait to be written.",
        parts.journal().counts().getOrDefault("waiting", 0L));
    parts
        .dns()
        .ifPresent(dns -> {
          Map<String, Long> counts = new LinkedHashMap<>(dns.counts());
          metrics.figures.now(
              "dns_down", "1 while nobody waits for DNS.", counts.getOrDefault("down", 0L));
          counts.remove("down");
          metrics.figures.counts("dns", "Questions to DNS.", "event", counts);
        });
    return metrics.figures.snapshots();
  }

  private static Map<String, Long> journal(JournalPart journal) {
    Map<String, Long> counts = new LinkedHashMap<>(journal.counts());
    counts.remove("waiting");
    return counts;
  }

  private void process(Instant started, List<String> troubles) {
    Runtime runtime = Runtime.getRuntime();
    figures
        .now("start_time_seconds", "When it was started, since 1970.", started.getEpochSecond())
        .now("degraded", "Parts that do not work now; mail flows.", troubles.size())
        .now("memory_bytes", "Memory.", resident(), "kind", "resident")
        .now(
            "memory_bytes", "Memory.", runtime.totalMemory() - runtime.freeMemory(), "kind", "heap")
        .now("memory_bytes", "Memory.", runtime.maxMemory(), "kind", "heap_limit");
  }

  /** Resident memory as the kernel tells it, or 0. */
  private static long resident() {
    try (Scanner pages = new Scanner(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII)) {
      pages.nextLong();
      return pages.nextLong() * PAGE;
    } catch (IOException | NoSuchElementException e) {
      return 0;
    }
  }

  private void decisions(Parts parts) {
    parts
        .decisions()
        .counts()
        .snapshot()
        .forEach((name, value) -> {
          if (VERDICTS.contains(name)) {
            figures.count("decisions", "Decisions by what was done.", value, "verdict", name);
          } else {
            figures.count("decision_events", "What happened while deciding.", value, "event", name);
          }
        });
    parts
        .families()
        .all()
        .forEach((key, value) ->
            figures.count(
                "os_decisions",
                "Decisions by the client's operating system.",
                value,
                "os",
                key.family(),
                "verdict",
                key.verdict()));
  }

  private void greylist(GreylistPart part) {
    figures.now(
        "store_up", "1 while the greylist's store works.", part.trouble().isEmpty() ? 1 : 0);
    part.greylist()
        .ifPresent(list ->
            list.counters()
                .all()
                .forEach((name, value) -> {
                  if (name.startsWith("answered-")) {
                    figures.count(
                        "greylist_answers",
                        "What the greylist answered, and why.",
                        value,
                        "why",
                        name.substring(9));
                  } else {
                    figures.count(
                        "greylist_events", "What the greylist did.", value, "event", name);
                  }
                }));
    part.store()
        .ifPresent(store ->
            store
                .figures()
                .forEach((name, value) ->
                    figures.now("store", "Figures of the store.", value, "figure", name)));
  }

  private void captures(Parts parts) {
    for (Source.Status status : parts.captures().statuses()) {
      figures
          .now("capture_up", "1 while SYNs come in.", status.up() ? 1 : 0, "source", status.name())
          .count("capture_syns", "SYNs taken.", status.received(), "source", status.name())
          .count(
              "capture_dropped",
              "Packets that the system let go.",
              status.dropped(),
              "source",
              status.name());
    }
    ClientTable.Counters table = parts.captures().table().counters();
    figures
        .now("clients_connections", "Connections in the table of SYNs.", table.connections())
        .now("clients_addresses", "Addresses in the table of SYNs.", table.addresses())
        .now("clients_memory_bytes", "Its memory outside of the heap.", table.memory())
        .count("clients_syns", "SYNs that came to the table.", table.seen(), "kind", "all")
        .count(
            "clients_syns",
            "SYNs that came to the table.",
            table.retransmissions(),
            "kind",
            "retransmission")
        .count("clients_syns", "SYNs that came to the table.", table.evicted(), "kind", "evicted")
        .count(
            "clients_syns", "SYNs that came to the table.", table.oversized(), "kind", "oversized")
        .count("clients_lookups", "Questions for a SYN.", table.found(), "answer", "found")
        .count("clients_lookups", "Questions for a SYN.", table.missed(), "answer", "missed");
  }

  private void faces(Parts parts) {
    parts
        .milter()
        .ifPresent(server -> {
          face("milter", parts.milterCounters());
          MilterCounters counters = server.counters();
          figures
              .now("milter_open", "Milter connections now.", counters.open())
              .counts("milter", "What happened on milter connections.", "event", milter(counters));
        });
    parts
        .policy()
        .ifPresent(service -> {
          face("policy", parts.policyCounters());
          figures.now("policy_open", "Policy connections now.", service.open());
        });
    parts
        .gateway()
        .ifPresent(gateway -> {
          Map<String, Long> counts = new LinkedHashMap<>(gateway.counters().all());
          figures.now("gateway_open", "SMTP sessions now.", counts.getOrDefault("open", 0L));
          counts.remove("open");
          figures.counts("gateway", "What happened in SMTP sessions.", "event", counts);
        });
    parts
        .p0f()
        .ifPresent(service -> {
          P0fService.Counters counters = service.counters();
          figures
              .now("p0f_open", "Connections of p0f clients now.", counters.open())
              .count(
                  "p0f_queries", "Questions by p0f clients.", counters.found(), "answer", "found")
              .count(
                  "p0f_queries",
                  "Questions by p0f clients.",
                  counters.unknown(),
                  "answer",
                  "unknown")
              .count("p0f_queries", "Questions by p0f clients.", counters.bad(), "answer", "bad");
        });
  }

  private static Map<String, Long> milter(MilterCounters counters) {
    Map<String, Long> events = new LinkedHashMap<>();
    events.put("sessions", counters.sessions());
    events.put("refused", counters.refused());
    events.put("commands", counters.commands());
    events.put("malformed", counters.malformed());
    events.put("late", counters.late());
    events.put("failed", counters.failed());
    events.put("not-agreed", counters.notAgreed());
    events.put("idle", counters.idle());
    return events;
  }

  private void face(String name, FaceCounters counters) {
    Map<String, Long> events = new LinkedHashMap<>();
    events.put("sessions", counters.sessions());
    events.put("recognised", counters.recognised());
    events.put("unseen", counters.unseen());
    events.put("not-looked-up", counters.notLookedUp());
    events.put("delivered", counters.delivered());
    events.put("deferred", counters.deferred());
    events.put("rejected", counters.rejected());
    events.put("exempt", counters.exempt());
    events.put("failed", counters.failed());
    events.put("headers", counters.headers());
    events.put("forged", counters.forged());
    events.put("malformed", counters.malformed());
    events.put("refused", counters.refused());
    events.forEach((event, value) ->
        figures.count("face", "What the faces did.", value, "face", name, "event", event));
  }
}
