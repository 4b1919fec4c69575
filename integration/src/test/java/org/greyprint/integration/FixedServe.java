// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.greyprint.capture.Captures;
import org.greyprint.decision.Decider;
import org.greyprint.decision.Decision;
import org.greyprint.decision.Inquiry;
import org.greyprint.decision.Verdict;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.Role;
import org.greyprint.milter.Endpoint;
import org.greyprint.milter.MilterServer;
import org.greyprint.milter.MilterSettings;
import org.greyprint.mta.FaceCounters;
import org.greyprint.mta.FaceSettings;
import org.greyprint.mta.MilterFilter;
import org.greyprint.mta.PolicyService;
import org.greyprint.mta.PolicySettings;

/**
 * The real capture, fingerprints and faces around a decider of one fixed rule and a greylist that
 * is one file: what the end-to-end tests start where there is no {@code ./greyprint serve}.
 */
final class FixedServe implements Decider {
  private final Path file;
  private final Duration delay;
  private final Map<String, Instant> first = new HashMap<>();

  private FixedServe(Path file, Duration delay) throws IOException {
    this.file = file;
    this.delay = delay;
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        String[] parts = line.split(" ", 2);
        if (parts.length == 2) {
          first.putIfAbsent(parts[1], Instant.parse(parts[0]));
        }
      }
    }
  }

  /**
   * Serves until killed.
   *
   * @param args the folder of sockets and store, the interface, the delay in seconds
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    FixedServe decider =
        new FixedServe(
            folder.resolve("store/greylist.log"), Duration.ofSeconds(Long.parseLong(args[2])));
    Captures captures =
        Captures.builder(Fingerprinter.builtin()::read)
            .networkInterface(args[1], List.of(25, 26, 27, 28, 29))
            .start();
    FaceCounters counters = new FaceCounters();
    PolicyService.start(
        List.of(new Endpoint.Unix(folder.resolve("policy.sock"))),
        PolicySettings.DEFAULT.withHeader("X-Greyprint-5d2c81f07a3e"),
        decider,
        captures,
        InstantSource.system(),
        FaceSettings.DEFAULT,
        counters);
    MilterServer.start(
        List.of(
            new Endpoint.Inet("127.0.0.1", Serve.MILTER_PORT),
            new Endpoint.Unix(folder.resolve("milter.sock"))),
        MilterSettings.DEFAULT,
        MilterFilter.WISHES,
        MilterFilter.factory(
            decider, captures, InstantSource.system(), FaceSettings.DEFAULT, counters));
    Thread.currentThread().join();
  }

  @Override
  public CompletionStage<Decision> decide(Inquiry inquiry) {
    boolean wait =
        inquiry
            .fingerprint()
            .map(Fingerprint::os)
            .filter(os -> os.family().equals("Windows") && os.role() != Role.SERVER)
            .isPresent();
    return CompletableFuture.supplyAsync(() -> {
      Verdict verdict = wait ? greylist(inquiry) : new Verdict.Deliver();
      return new Decision("0", verdict, verdict, "fixed", "fixed", List.of(), Map.of());
    });
  }

  private synchronized Verdict greylist(Inquiry inquiry) {
    String key =
        inquiry.client().address().getHostAddress()
            + "/"
            + inquiry.envelope().sender()
            + "/"
            + inquiry.envelope().recipient();
    Instant known = first.get(key);
    if (known == null) {
      try (FileChannel log =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        String line = inquiry.time() + " " + key + "\n";
        log.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.UTF_8)));
        log.force(false);
      } catch (IOException e) {
        return new Verdict.Deliver();
      }
      first.put(key, inquiry.time());
      return new Verdict.Defer(delay);
    }
    Duration left = Duration.between(inquiry.time(), known.plus(delay));
    return left.isPositive() ? new Verdict.Defer(left) : new Verdict.Deliver();
  }
}
