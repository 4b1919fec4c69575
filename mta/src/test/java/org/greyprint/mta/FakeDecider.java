// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta;

import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.greyprint.capture.Observation;
import org.greyprint.capture.SynLookup;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;
import org.greyprint.fingerprint.Quality;
import org.greyprint.fingerprint.Role;
import org.jspecify.annotations.Nullable;

/** Defers Windows clients, refuses "never@", fails for "bug@", is silent for "slow@". */
final class FakeDecider implements Decider, SynLookup {
  static final Fingerprint WINDOWS =
      new Fingerprint(
          new OperatingSystem("Windows", "Windows", "10 or 11", Role.CLIENT, Quality.EXACT, 0.98),
          12,
          "Ethernet or modem",
          1500,
          "4:116+12:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0");
  static final Fingerprint LINUX =
      new Fingerprint(
          new OperatingSystem("Linux", "Linux", "3.11 or newer", Role.UNKNOWN, Quality.EXACT, 0.9),
          0,
          "",
          0,
          "");

  final List<Inquiry> asked = new CopyOnWriteArrayList<>();
  final List<String> lookedUp = new CopyOnWriteArrayList<>();
  final List<String> connected = new CopyOnWriteArrayList<>();
  final Map<Integer, Fingerprint> byPort = new ConcurrentHashMap<>();
  final CompletableFuture<Decision> never = new CompletableFuture<>();
  volatile boolean greylistAll;

  /** What every port has that is not in {@link #byPort}. */
  volatile @Nullable Fingerprint everyPort;

  @Override
  public CompletionStage<Optional<Observation>> find(
      InetAddress client, int clientPort, Duration patience) {
    lookedUp.add(client.getHostAddress() + " " + clientPort);
    return CompletableFuture.completedStage(
        Optional.ofNullable(byPort.getOrDefault(clientPort, everyPort))
            .map(fingerprint ->
                new Observation(
                    Instant.EPOCH,
                    client,
                    clientPort,
                    client,
                    25,
                    fingerprint,
                    1,
                    Optional.of(Duration.ofHours(1)))));
  }

  @Override
  public void connected(Inquiry.Client client, Inquiry.Session session) {
    connected.add(session.id());
  }

  @Override
  public CompletionStage<Decision> decide(Inquiry inquiry) {
    asked.add(inquiry);
    String to = inquiry.envelope().recipient();
    if (to.startsWith("bug@")) {
      throw new IllegalStateException("a bug");
    }
    if (to.startsWith("slow@")) {
      return never;
    }
    if (to.startsWith("never@")) {
      return CompletableFuture.completedStage(decision(new Verdict.Reject("not 100%\nhere")));
    }
    boolean windows =
        inquiry.fingerprint().filter(f -> f.os().family().equals("Windows")).isPresent();
    return CompletableFuture.supplyAsync(() ->
        decision(
            (windows || greylistAll) && !to.startsWith("retry@")
                ? new Verdict.Defer(Duration.ofMillis(299_001))
                : new Verdict.Deliver()));
  }

  static Decision decision(Verdict verdict) {
    return new Decision(
        "abc1",
        verdict,
        verdict,
        "rule",
        "because",
        List.of(new Decision.Header("X-Mark", "marked")),
        Map.of());
  }
}
