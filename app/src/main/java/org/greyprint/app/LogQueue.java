// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.UnsynchronizedAppenderBase;
import ch.qos.logback.core.encoder.Encoder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Writes log lines from a thread of its own, those of some milliseconds at once: to wake a thread
 * and to write for each decision costs more than the decision.
 *
 * <p>Nobody waits for it. While its queue is nearly full, lines that are no warnings are left out,
 * and while it is full, all.
 */
final class LogQueue extends UnsynchronizedAppenderBase<ILoggingEvent> {
  private static final int LINES = 8192;
  private static final int KEPT_FOR_WARNINGS = LINES / 16;

  /** So long lines are gathered before the next are written. */
  private static final long GATHER_NANOS = 5_000_000;

  /** So long the end waits for what is still to be written. */
  private static final long END_MILLIS = 1000;

  private final BlockingQueue<ILoggingEvent> queue = new ArrayBlockingQueue<>(LINES);
  private final Encoder<ILoggingEvent> encoder;
  private final PrintStream out;
  private final Thread writer = Thread.ofPlatform().name("log").daemon().unstarted(this::run);
  private volatile boolean ending;

  /**
   * Writes nothing before it is started.
   *
   * @param out is flushed after each batch, and not closed
   */
  LogQueue(Encoder<ILoggingEvent> encoder, PrintStream out) {
    this.encoder = encoder;
    this.out = out;
  }

  @Override
  public void start() {
    writer.start();
    super.start();
  }

  @Override
  protected void append(ILoggingEvent event) {
    if (queue.remainingCapacity() < KEPT_FOR_WARNINGS
        && !event.getLevel().isGreaterOrEqual(Level.WARN)) {
      return;
    }
    event.prepareForDeferredProcessing();
    queue.offer(event);
  }

  /** Writes what waits, and ends; waits for that for a second at most. */
  @Override
  public void stop() {
    if (!isStarted()) {
      return;
    }
    super.stop();
    ending = true;
    LockSupport.unpark(writer);
    try {
      writer.join(END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<ILoggingEvent> events = new ArrayList<>();
    ByteArrayOutputStream lines = new ByteArrayOutputStream();
    while (true) {
      boolean last = ending;
      try {
        ILoggingEvent first = last ? queue.poll() : queue.poll(50, TimeUnit.MILLISECONDS);
        if (first != null) {
          events.add(first);
          queue.drainTo(events, LINES / 8);
          write(events, lines);
        } else if (last) {
          return;
        }
      } catch (InterruptedException e) {
        ending = true;
      } catch (RuntimeException e) {
        addError("log lines could not be written", e);
      } finally {
        events.clear();
        lines.reset();
      }
      if (!ending && queue.size() < LINES / 8) {
        LockSupport.parkNanos(GATHER_NANOS);
      }
    }
  }

  private void write(List<ILoggingEvent> events, ByteArrayOutputStream lines) {
    for (ILoggingEvent event : events) {
      lines.writeBytes(encoder.encode(event));
    }
    out.writeBytes(lines.toByteArray());
    out.flush();
  }
}
