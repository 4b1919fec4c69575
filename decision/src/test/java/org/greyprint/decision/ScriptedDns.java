// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** A DNS that answers from a table, at once. */
final class ScriptedDns implements Dns {
  private final Map<String, List<String>> records = new HashMap<>();
  private final Set<String> failing = new HashSet<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();

  ScriptedDns with(String name, DnsType type, String... values) {
    records.put(name + " " + type, List.of(values));
    return this;
  }

  ScriptedDns failing(String name) {
    failing.add(name);
    return this;
  }

  ScriptedDns failingUnder(String zone) {
    failing.add("." + zone);
    return this;
  }

  List<String> asked() {
    return asked;
  }

  @Override
  public CompletionStage<DnsAnswer> ask(String name, DnsType type) {
    asked.add(name + " " + type);
    boolean fails =
        failing.contains(name)
            || failing.stream().anyMatch(zone -> zone.startsWith(".") && name.endsWith(zone));
    List<String> values = records.get(name + " " + type);
    return CompletableFuture.completedFuture(
        fails
            ? new DnsAnswer.Failed("scripted")
            : values == null
                ? new DnsAnswer.Absent(Duration.ofMinutes(5))
                : new DnsAnswer.Found(values, Duration.ofMinutes(5)));
  }
}
