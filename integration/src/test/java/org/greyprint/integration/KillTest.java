// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Testbed;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What was answered is remembered, though the process is killed under load, ten times in a row. */
@Tag("peer")
@Needs(
    value = {"postfix", "swaks", "nft", "ip", "smtp-source"},
    root = true)
class KillTest {
  private static final Duration DELAY = Duration.ofSeconds(3);
  private static final List<Integer> PORTS =
      List.of(MailHost.POSTFIX_UNIX, MailHost.POSTFIX_TCP, MailHost.POSTFIX_POLICY);

  /** A message that was told to come again. */
  private record Told(String persona, int port, String id) {}

  @Test
  void whatWasAnsweredIsRemembered() throws Exception {
    try (MailHost host = MailHost.start(Serve.configuration("mail0", DELAY))) {
      int told = 0;
      for (int round = 1; round <= 10; round++) {
        told += round(host, round);
      }
      assertThat(told).isGreaterThanOrEqualTo(50);
    }
  }

  private static int round(MailHost host, int round) throws Exception {
    Map<Told, Long> answered = new ConcurrentHashMap<>();
    String load = Client.id("load");
    Process source =
        host.testbed.start(
            "windows-7",
            host.testbed.folder().resolve("load.log"),
            "smtp-source",
            "-c",
            "-s",
            "8",
            "-m",
            "100000",
            "-f",
            load + "@isp.example",
            "-t",
            load + "@example.net",
            Testbed.IPV4 + ":" + MailHost.POSTFIX_TCP);
    List<Thread> senders = new ArrayList<>();
    for (String persona : List.of("windows-xp", "windows-10", "windows-10-vpn")) {
      for (int port : PORTS) {
        Told message = new Told(persona, port, Client.id("kill"));
        senders.add(
            Thread.startVirtualThread(() -> {
              if (host.client.send(persona, Testbed.IPV4, port, message.id()).deferred()) {
                answered.put(message, System.nanoTime());
              }
            }));
      }
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> answered.size() >= 5);
    host.serve.kill();
    for (Thread sender : senders) {
      sender.join();
    }
    source.destroy();
    source.waitFor();
    host.serve.startAgain();
    long last = answered.values().stream().max(Long::compare).orElseThrow();
    await().atMost(DELAY.multipliedBy(3)).until(() -> System.nanoTime() - last > DELAY.toNanos());
    List<MailHost.Step> again = new ArrayList<>();
    for (Told message : answered.keySet()) {
      again.add(() -> {
        Client.Attempt second =
            host.client.send(message.persona(), Testbed.IPV4, message.port(), message.id());
        assertThat(second.delivered())
            .as("round " + round + ", " + message + ": " + second.transcript() + host.logs())
            .isTrue();
      });
    }
    MailHost.together(again);
    // And what was not asked before still has to wait: nobody is simply let through.
    host.mustDefer(PORTS);
    return answered.size();
  }
}
