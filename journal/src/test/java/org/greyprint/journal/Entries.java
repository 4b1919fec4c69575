// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;

/** Entries for tests. */
final class Entries {
  static final Instant TIME = Instant.parse("2026-01-31T12:00:00Z");

  private Entries() {}

  static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  static Inquiry inquiry(Instant time, String address, int port, String recipient) {
    return new Inquiry(
        time,
        new Inquiry.Client(address(address), port, "", ""),
        new Inquiry.Session("milter", "s", 25, "mail.example.org", "", ""),
        new Inquiry.Envelope("m", "anna@example.org", recipient, 0),
        Optional.empty(),
        Map.of());
  }

  static Decision decision(String id, Verdict verdict, Map<String, Object> evidence) {
    return new Decision(id, verdict, verdict, "rule", "reason of " + id, List.of(), evidence);
  }

  /** An entry whose every part is drawn. */
  static Entry random(Random random, int number) {
    Map<String, Object> evidence = new LinkedHashMap<>();
    List<String> keys =
        List.of("os.family", "envelope.recipient", "own.key", "dns.lists", "points", "os.known");
    for (String key : keys) {
      if (random.nextBoolean()) {
        evidence.put(key, value(random));
      }
    }
    byte[] address = new byte[random.nextBoolean() ? 4 : 16];
    random.nextBytes(address);
    address[0] = 32;
    List<String> verdicts = List.of("deliver", "defer", "reject");
    List<Decision.Header> headers = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      headers.add(new Decision.Header("X-" + i, text(random)));
    }
    try {
      return new Entry(
          "id" + number,
          TIME.plusMillis(number),
          InetAddress.getByAddress(address),
          random.nextInt(65536),
          verdicts.get(random.nextInt(3)),
          verdicts.get(random.nextInt(3)),
          Duration.ofMillis(random.nextInt(1_000_000)),
          text(random),
          text(random),
          headers,
          evidence);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object value(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> random.nextLong();
      case 1 -> random.nextDouble();
      case 2 -> random.nextBoolean();
      case 3 -> List.of(text(random), text(random));
      default -> text(random);
    };
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(30); i > 0; i--) {
      text.appendCodePoint(random.nextInt(10) == 0 ? 0x1F600 : ' ' + random.nextInt(200));
    }
    return text.toString();
  }
}
