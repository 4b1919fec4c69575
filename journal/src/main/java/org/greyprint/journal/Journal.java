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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
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
 * <p>Decisions go into a bounded queue; one thread writes them to segment files that only grow.
 * What was written survives the end of the process at once, and the end of the machine after the
 * flush interval. Old segments are removed by age and by size. {@link JournalReader} reads them, in
 * this process or another, while this one writes.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * {@link #counts()}: written, dropped (queue full), failed (disk), cut (octets of a torn tail taken
 * off at start), removed (segments). A disk that fails is logged (WARN) once each time it begins to
 * fail and tried again every flush interval; decisions of that time are counted as failed. A
 * directory in which another process writes is refused at start.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link JournalSettings}.
 */
public final class Journal implements DecisionListener, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Journal.class);
  private static final int BATCH = 1 << 18;

  /** So many decisions are written at once at most. */
  private static final int MOST = 4096;

  /** So long decisions are gathered before the next are written. */
  private static final long GATHER_NANOS = 5_000_000;

  private record Item(Inquiry inquiry, Decision decision) {}

  private final JournalSettings settings;
  private final InstantSource clock;
  private final ArrayBlockingQueue<Item> queue;
  private final Thread writer;
  private final FileChannel lockFile;
  private final LongAdder written = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder cut = new LongAdder();
  private final LongAdder removed = new LongAdder();
  private final Output out = new Output();
  private SegmentWriter segment;
  private boolean failing;
  private volatile boolean closing;

  private Journal(JournalSettings settings, InstantSource clock, FileChannel lockFile)
      throws IOException {
    this.settings = settings;
    this.clock = clock;
    this.lockFile = lockFile;
    this.queue = new ArrayBlockingQueue<>(settings.queue());
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
    if (closing || !queue.offer(new Item(inquiry, decision))) {
      dropped.increment();
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
    counts.put("waiting", (long) queue.size());
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
    List<Item> items = new ArrayList<>();
    while (true) {
      try {
        boolean last = closing;
        long patience = Math.min(nextFlush - System.nanoTime(), 50_000_000);
        Item first = last ? queue.poll() : queue.poll(patience, TimeUnit.NANOSECONDS);
        if (first != null) {
          items.add(first);
          queue.drainTo(items, MOST - 1);
          write(items);
          if (!closing && queue.size() < MOST / 4) {
            // To be woken for each of many decisions costs more than to write them.
            LockSupport.parkNanos(GATHER_NANOS);
          }
        }
        long now = System.nanoTime();
        if (now - nextFlush >= 0 || last) {
          flush();
          nextFlush = now + flushEvery;
        }
        if (last && queue.isEmpty()) {
          segment.close();
          return;
        }
      } catch (InterruptedException e) {
        closing = true;
      } catch (IOException e) {
        fail(e);
        if (closing && queue.isEmpty()) {
          return;
        }
      } catch (RuntimeException e) {
        LOG.warn("a decision could not be kept", e);
      } finally {
        items.clear();
      }
    }
  }

  private void write(List<Item> items) throws IOException {
    int done = 0;
    try {
      segment.openIfNeeded();
      out.clear();
      int inBatch = 0;
      for (Item item : items) {
        int start = out.size();
        for (int i = 0; i < Frames.HEAD; i++) {
          out.octet(0);
        }
        EntryCodec.encode(Entry.of(item.inquiry(), item.decision()), out);
        Frames.seal(out, start);
        inBatch++;
        if (out.size() >= Math.min(BATCH, settings.segmentBytes() / 4)) {
          segment.append(ByteBuffer.wrap(out.array(), 0, out.size()));
          done += inBatch;
          inBatch = 0;
          out.clear();
        }
      }
      if (inBatch > 0) {
        segment.append(ByteBuffer.wrap(out.array(), 0, out.size()));
        done += inBatch;
      }
      if (failing) {
        failing = false;
        LOG.info("the journal is written again");
      }
    } finally {
      written.add(done);
      failed.add(items.size() - done);
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
