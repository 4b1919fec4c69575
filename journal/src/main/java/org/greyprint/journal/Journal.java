// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.greyprint.decision.Decision;
import org.greyprint.decision.DecisionListener;
import org.greyprint.decision.Inquiry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps every decision on disk, without ever holding mail up.
 *
 * <p>Decisions wait in a bounded buffer; one thread writes them to segment files that only grow.
 * What was written survives the end of the process at once, and the end of the machine after the
 * flush interval. Old segments are removed by age and by size. {@link JournalReader} reads them, in
 * this process or another, while this one writes.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * {@link #counts()}: written, dropped (buffer full), failed (disk), cut (octets of a torn tail
 * taken off at start), removed (segments). A disk that fails is logged (WARN) once each time it
 * begins to fail and tried again every flush interval; decisions of that time are counted as
 * failed. A directory in which another process writes is refused at start.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link JournalSettings}.
 */
public final class Journal implements DecisionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final int BATCH = 1 << 18;

  /** While so many wait, or half of what may wait, the next are written at once. */
  private static final int MANY = 1024;

  /** So long decisions are gathered before the next are written. */
  private static final long GATHER_NANOS = 5_000_000;

  private final JournalSettings settings;
  private final InstantSource clock;
  private final Pending pending;

  private final int half;
  private final Thread writer;
  private final FileChannel lockFile;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder cut = new LongAdder();
  private final LongAdder removed = new LongAdder();
  private SegmentWriter segment;

  /** Whether the log says already that a decision could not be kept. */
  private final AtomicBoolean told = new AtomicBoolean();

  /** Whether the writer waits to be woken by the first. */
  private volatile boolean idle;

  private boolean failing;
  private volatile boolean closing;

  private Journal(JournalSettings settings, InstantSource clock, FileChannel lockFile)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.lockFile = lockFile;
    this.pending = new Pending(settings.queue());
    this.half = Math.min(MANY, Math.max(1, settings.queue() / 2));
    this.segment = SegmentWriter.resume(settings, clock, cut);
    this.writer = Thread.ofPlatform().name("journal").daemon().unstarted(this::run);
  }

  /**
   * Opens a journal for writing; cuts a torn tail.
   *
   * @throws IOException if the directory cannot be made or written, or another process writes there
   */
  public static Journal open(JournalSettings settings, InstantSource clock) throws IOException {
    Path directory = settings.directory();
    Files.createDirectories(directory);
    FileChannel lockFile =
        FileChannel.open(
            directory.resolve("journal.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock;
      try {
        lock = lockFile.tryLock();
      } catch (OverlappingFileLockException e) {
        lock = null;
      }
      if (lock == null) {
        throw new IOException(directory + ": another process writes this journal");
      }
      Journal journal = new Journal(settings, clock, lockFile);
      journal.writer.start();
      return journal;
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  @Override
  public void decided(Inquiry inquiry, Decision decision) {
    int waiting;
    try {
      waiting = pending.add(Entry.of(inquiry, decision));
    } catch (RuntimeException e) {
      failed.increment();
      if (!told.getAndSet(true)) {
        LOG.warn("a decision could not be kept (logged once, counted from now on)", e);
      }
      return;
    }
    if (waiting == 0) {
      dropped.increment();
    } else if (idle || waiting == half) {
      LockSupport.unpark(writer);
    }
  }

  /** What was counted since it was opened: written, dropped, failed, cut, removed, waiting. */
  public Map<String, Long> counts() {
    Map<String, Long> counts = new LinkedHashMap<>();
    counts.put("written", written.sum());
    counts.put("dropped", dropped.sum());
    counts.put("failed", failed.sum());
    counts.put("cut", cut.sum());
    counts.put("removed", removed.sum());
    counts.put("waiting", (long) pending.count());
    return counts;
  }

  /** Decisions that are in the file. */
  public long written() {
    return written.sum();
  }

  /** Decisions that found the queue full. */
  public long dropped() {
    return dropped.sum();
  }

  /** Where it is kept. */
  public Path directory() {
    return settings.directory();
  }

  /** Writes what waits, flushes and closes; waits for that at most ten seconds. */
  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(writer);
    boolean interrupted = false;
    try {
      if (!writer.join(java.time.Duration.ofSeconds(10))) {
        LOG.warn("the journal could not be written to its end within 10 s");
      }
    } catch (InterruptedException e) {
      interrupted = true;
    }
    try {
      lockFile.close();
    } catch (IOException e) {
      LOG.warn("cannot close the lock of the journal", e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long flushEvery = settings.flush().toNanos();
    long nextFlush = System.nanoTime() + flushEvery;
    while (true) {
      boolean last = closing;
      if (last) {
        pending.close();
      } else {
        await(nextFlush);
      }
      try {
        Pending.Taken taken = pending.take();
        if (taken.count() > 0) {
          write(taken);
          if (!closing && pending.count() < half) {
            // To be woken for each of many decisions costs more than to write them.
            LockSupport.parkNanos(GATHER_NANOS);
          }
        }
        long now = System.nanoTime();
        if (now - nextFlush >= 0 || last) {
          flush();
          nextFlush = now + flushEvery;
        }
        if (last) {
          segment.close();
        }
      } catch (IOException e) {
        fail(e);
      } catch (RuntimeException e) {
        LOG.warn("decisions could not be kept", e);
      }
      if (last) {
        return;
      }
    }
  }

  /** Waits for a decision, or for some time. */
  private void await(long nextFlush) {
    idle = true;
    if (pending.count() == 0) {
      LockSupport.parkNanos(Math.min(nextFlush - System.nanoTime(), 50_000_000));
    }
    idle = false;
    if (Thread.interrupted()) {
      closing = true;
    }
  }

  private void write(Pending.Taken taken) throws IOException {
    Output out = taken.octets();
    int most = Math.min(BATCH, settings.segmentBytes() / 4);
    int done = 0;
    try {
      segment.openIfNeeded();
      for (int from = 0; from < out.size(); ) {
        int to = from;
        int records = 0;
        for (; to < out.size() && to - from < most; records++) {
          to = Frames.next(out, to);
        }
        segment.append(ByteBuffer.wrap(out.array(), from, to - from));
        done += records;
        from = to;
      }
      if (failing) {
        failing = false;
        LOG.info("the journal is written again");
      }
    } finally {
      written.add(done);
      failed.add(taken.count() - done);
    }
  }

  private void flush() throws IOException {
    segment.flush();
    if (segment.full()) {
      segment.next();
    }
    removed.add(Retention.remove(settings, clock, segment.begun()));
  }

  private void fail(IOException e) {
    if (!failing) {
      failing = true;
      LOG.warn("the journal cannot be written, mail goes on: {}", e.toString());
    }
    segment.abandon();
  }
}
