// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Puts figures together for Prometheus. Those of one name are one metric with a label, whatever
 * order they come in; nothing is counted here, so nothing costs anything until it is asked for.
 */
final class Figures {
  private final Map<String, CounterSnapshot.Builder> counters = new LinkedHashMap<>();
  private final Map<String, GaugeSnapshot.Builder> gauges = new LinkedHashMap<>();

  /**
   * A number that only grows.
   *
   * @param name without {@code greyprint_} and {@code _total}
   * @param label its name and value in turn
   */
  Figures count(String name, String help, long value, String... label) {
    counters
        .computeIfAbsent(
            name, key -> CounterSnapshot.builder().name("greyprint_" + words(key)).help(help))
        .dataPoint(
            CounterDataPointSnapshot.builder()
                .value((double) Math.max(0, value))
                .labels(Labels.of(label))
                .build());
    return this;
  }

  /** A number that rises and falls. */
  Figures now(String name, String help, long value, String... label) {
    gauges
        .computeIfAbsent(
            name, key -> GaugeSnapshot.builder().name("greyprint_" + words(key)).help(help))
        .dataPoint(
            GaugeDataPointSnapshot.builder()
                .value((double) value)
                .labels(Labels.of(label))
                .build());
    return this;
  }

  /** Numbers by their names, which become a label's values. */
  Figures counts(String name, String help, String label, Map<String, Long> values) {
    values.forEach((key, value) -> count(name, help, value, label, key));
    return this;
  }

  private static String words(String name) {
    return name.replaceAll("[^A-Za-z0-9_]", "_");
  }

  MetricSnapshots snapshots() {
    MetricSnapshots.Builder all = MetricSnapshots.builder();
    counters.values().forEach(each -> all.metricSnapshot(each.build()));
    gauges.values().forEach(each -> all.metricSnapshot(each.build()));
    return all.build();
  }
}
