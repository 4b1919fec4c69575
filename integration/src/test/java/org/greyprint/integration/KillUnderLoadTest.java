// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The policy service is killed while 32 connections ask as fast as they can, over and over: every
 * triplet that was answered is remembered, and no start needs a hand.
 */
class KillUnderLoadTest {
  private static final int CONNECTIONS = 32;
  private static final Duration DELAY = Duration.ofSeconds(2);
  private static final String CONFIGURATION =
      """
      capture: []
      listen: {policy: "unix:FOLDER/policy.sock", admin: none}
      store: rocksdb:FOLDER/greylist
      journal: {directory: FOLDER/journal, max-megabytes: 64}
      greylist: {delay: DELAYs}
      dns: {servers: []}
      log: {level: warn}
      rules:
        - name: everyone
          then: greylist
      """;

  @TempDir private Path folder;

  @Test
  @Tag("peer")
  void fiveTimes() throws Exception {
    killed(5);
  }

  @Test
  @Tag("long")
  void aHundredTimes() throws Exception {
    killed(100);
  }

  private void killed(int rounds) throws Exception {
    Serve.build();
    Files.writeString(
        folder.resolve("greyprint.yaml"),
        CONFIGURATION
            .replace("FOLDER", folder.toString())
            .replace("DELAY", Long.toString(DELAY.toSeconds())));
    Random random = new Random(rounds);
    List<String> all = new ArrayList<>();
    Process serve = start();
    try {
      for (int round = 0; round < rounds; round++) {
        List<String> answered = loadUntilKilled(serve, round, 300 + random.nextInt(1500));
        long end = System.nanoTime();
        serve = start();
        await()
            .atMost(DELAY.multipliedBy(5))
            .until(() -> System.nanoTime() - end > DELAY.toNanos());
        assertThat(deferred(answered)).as("forgotten in round " + round).isEmpty();
        all.addAll(answered);
        List<String> fresh = List.of("fresh" + round + "a", "fresh" + round + "b");
        assertThat(deferred(fresh))
            .as("not asked before")
            .containsExactlyInAnyOrderElementsOf(fresh);
      }
      Collections.shuffle(all, random);
      List<String> sample = all.subList(0, Math.min(all.size(), 20_000));
      assertThat(deferred(sample)).as("forgotten later on").isEmpty();
      System.out.println(
          "killed " + rounds + " times under load: " + all.size() + " triplets, none forgotten");
    } finally {
      serve.destroyForcibly();
      serve.waitFor();
    }
  }

  private Process start() throws IOException {
    Path log = folder.resolve("log");
    Process started =
        new ProcessBuilder(
                Serve.program("serve", "--config", folder.resolve("greyprint.yaml").toString()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    await()
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> !started.isAlive() || answers());
    assertThat(started.isAlive()).as(Files.readString(log)).isTrue();
    return started;
  }

  private boolean answers() {
    try (SocketChannel probe = connect()) {
      return probe.isConnected();
    } catch (IOException e) {
      return false;
    }
  }

  private SocketChannel connect() throws IOException {
    return PolicyClient.connect(folder.resolve("policy.sock"));
  }

  /** Asks new triplets, kills when so many were answered, and gives those that were. */
  private List<String> loadUntilKilled(Process serve, int round, int enough) throws Exception {
    Queue<String> answered = new ConcurrentLinkedQueue<>();
    Queue<String> unexpected = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < CONNECTIONS; i++) {
      String prefix = "r" + round + "c" + i + "n";
      threads.add(
          Thread.ofPlatform()
              .start(() -> {
                try (SocketChannel channel = connect()) {
                  for (int n = 0; ; n++) {
                    String answer = PolicyClient.ask(channel, prefix + n);
                    (answer.contains("Greylisted") ? answered : unexpected).add(prefix + n);
                  }
                } catch (IOException e) {
                  // It was killed; what was not answered is not promised.
                  assertThat(e).hasMessageNotContaining("Too many");
                }
              }));
    }
    await()
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(5))
        .until(() -> answered.size() >= enough || !serve.isAlive());
    serve.destroyForcibly();
    assertThat(serve.waitFor(20, TimeUnit.SECONDS)).isTrue();
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(answered).hasSizeGreaterThanOrEqualTo(enough);
    assertThat(unexpected).isEmpty();
    return List.copyOf(answered);
  }

  /** Which of these are told to come again; asked on many connections. */
  private List<String> deferred(List<String> ids) throws Exception {
    Queue<String> deferred = new ConcurrentLinkedQueue<>();
    Queue<String> waiting = new ConcurrentLinkedQueue<>(ids);
    List<MailHost.Step> steps = new ArrayList<>();
    for (int i = 0; i < Math.min(CONNECTIONS, ids.size()); i++) {
      steps.add(() -> {
        try (SocketChannel channel = connect()) {
          for (String id = waiting.poll(); id != null; id = waiting.poll()) {
            if (PolicyClient.ask(channel, id).contains("Greylisted")) {
              deferred.add(id);
            }
          }
        }
      });
    }
    MailHost.together(steps);
    return List.copyOf(deferred);
  }
}
