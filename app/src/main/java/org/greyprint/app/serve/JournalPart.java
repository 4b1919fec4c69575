// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.greyprint.decision.Decision;
import org.greyprint.decision.DecisionListener;
import org.greyprint.decision.Inquiry;
import org.greyprint.journal.Journal;
import org.greyprint.journal.JournalSettings;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The journal, opened at the start or, where that fails, as soon as it can be: with a decision, at
 * most every ten seconds. Decisions that find none are counted.
 */
final class JournalPart implements DecisionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(JournalPart.class);
  private static final long AGAIN_MILLIS = 10_000;

  private final JournalSettings settings;
  private final InstantSource clock;
  private final LongAdder unkept = new LongAdder();
  private volatile @Nullable Journal journal;
  private volatile String trouble = "";
  private volatile long tryAt;
  private boolean closed;

  JournalPart(JournalSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
    open();
  }

  private synchronized void open() {
    if (closed || journal != null) {
      return;
    }
    tryAt = clock.millis() + AGAIN_MILLIS;
    try {
      journal = Journal.open(settings, clock);
      if (!trouble.isEmpty()) {
        LOG.info("journal {}: opened", settings.directory());
      }
      trouble = "";
    } catch (IOException e) {
      String line = reason(e);
      if (!line.equals(trouble)) {
        LOG.warn(
            "journal: {}; decisions are not kept until it can be opened: make {} writable, or set"
                + " journal.directory",
            line,
            settings.directory());
      }
      trouble = line;
    }
  }

  private static String reason(IOException e) {
    return e instanceof AccessDeniedException denied
        ? denied.getFile() + ": permission denied"
        : e instanceof FileSystemException file && file.getReason() != null
            ? file.getFile() + ": " + file.getReason()
            : String.valueOf(e.getMessage());
  }

  @Override
  public void decided(Inquiry inquiry, Decision decision) {
    Journal current = journal;
    if (current == null && clock.millis() >= tryAt) {
      // Opening touches the disk, which must not hold up a decision.
      tryAt = clock.millis() + AGAIN_MILLIS;
      Thread.ofVirtual().start(this::open);
    }
    if (current == null) {
      unkept.increment();
    } else {
      current.decided(inquiry, decision);
    }
  }

  Map<String, Long> counts() {
    Journal current = journal;
    Map<String, Long> counts = current == null ? new java.util.LinkedHashMap<>() : current.counts();
    counts.put("unkept", unkept.sum());
    return counts;
  }

  /** What is wrong now. */
  Optional<String> trouble() {
    return trouble.isEmpty() ? Optional.empty() : Optional.of(trouble);
  }

  @Override
  public synchronized void close() {
    closed = true;
    Journal current = journal;
    if (current != null) {
      current.close();
    }
  }
}
