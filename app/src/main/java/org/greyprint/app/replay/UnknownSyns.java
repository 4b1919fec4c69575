// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.greyprint.capture.CaptureFile;
import org.greyprint.capture.SynKinds;
import org.greyprint.capture.Unknowns;
import org.greyprint.fingerprint.Entries;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.Quality;

/** Counts the signatures of capture files that have no name. */
public final class UnknownSyns {
  private static final int MAX_SIGNATURES = 1_000_000;

  private static final class Counted {
    final String signature;
    long count;

    Counted(String signature) {
      this.signature = signature;
    }
  }

  private final Map<String, Long> counts = new HashMap<>();
  private final SynKinds<Counted> kinds;

  /** Asks this fingerprinter for names. */
  public UnknownSyns(Fingerprinter fingerprinter) {
    kinds =
        new SynKinds<>(
            (packet, start, end) ->
                fingerprinter.read(packet, start, end).map(UnknownSyns::counted).orElse(null),
            this::add);
  }

  private static Counted counted(Fingerprint fingerprint) {
    boolean named = fingerprint.os().quality() != Quality.NONE;
    return new Counted(named ? "" : Entries.signature(fingerprint.signature()));
  }

  private void add(Counted counted) {
    if (!counted.signature.isEmpty()
        && (counts.size() < MAX_SIGNATURES || counts.containsKey(counted.signature))) {
      counts.merge(counted.signature, counted.count, Long::sum);
    }
    counted.count = 0;
  }

  /**
   * Reads files.
   *
   * @return false if something is wrong with one; told on {@code err}
   */
  public boolean read(List<String> files, PrintStream err) {
    boolean well = true;
    for (String name : files) {
      try (CaptureFile capture =
          name.equals("-")
              ? CaptureFile.standardInput(() -> {})
              : CaptureFile.open(Path.of(name), () -> {})) {
        while (capture.next()) {
          Counted counted = kinds.find(capture);
          if (counted != null) {
            counted.count++;
          }
        }
        if (capture.damage().isPresent()) {
          CaptureFile.Damage damage = capture.damage().get();
          err.printf("greyprint: %s: at octet %d: %s%n", name, damage.offset(), damage.message());
          well = false;
        }
      } catch (NoSuchFileException e) {
        err.println("greyprint: " + name + ": no such file");
        well = false;
      } catch (IOException e) {
        err.println("greyprint: " + name + ": " + e.getMessage());
        well = false;
      }
    }
    kinds.each(this::add);
    return well;
  }

  /** The most frequent first. */
  public List<Unknowns.Count> top(int limit) {
    return counts.entrySet().stream()
        .map(entry -> new Unknowns.Count(entry.getKey(), entry.getValue()))
        .sorted(
            Comparator.comparingLong(Unknowns.Count::count)
                .reversed()
                .thenComparing(Unknowns.Count::signature))
        .limit(limit)
        .toList();
  }
}
