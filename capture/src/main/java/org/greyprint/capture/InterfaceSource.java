// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads SYNs from one interface, in a thread of its own, into the client table.
 *
 * <p>Where the interface can't be read, or goes away, it says so once and tries again each {@value
 * #RETRY_MILLIS} ms until it works.
 */
final class InterfaceSource implements Source {
  private static final Logger log = LoggerFactory.getLogger(InterfaceSource.class);

  static final long RETRY_MILLIS = 1000;

  private static final long STATISTICS_NANOS = 1_000_000_000L;
  private static final long LOOK_NANOS = 1_000_000_000L;

  private final String device;
  private final List<Integer> ports;
  private final BitSet wanted = new BitSet(1 << 16);
  private final ClientTable table;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch tried = new CountDownLatch(1);
  private final Thread thread;

  private volatile boolean up;
  private volatile String line;
  private volatile long received;
  private volatile long dropped;
  private long droppedBefore;
  private long lookedAt = System.nanoTime();

  /** Held while the handle is used by another thread, or opened or closed. */
  private final Object handleLock = new Object();

  private Opened.@org.jspecify.annotations.Nullable Handle handle;

  InterfaceSource(String device, Collection<Integer> ports, ClientTable table) {
    this.device = device;
    this.ports = List.copyOf(ports);
    ports.forEach(wanted::set);
    this.table = table;
    this.line = "capture on " + device + ": not yet open";
    this.thread = Thread.ofPlatform().daemon().name("capture-" + device).unstarted(this::run);
  }

  /** Starts reading; gives back when the interface was opened or could not be. */
  void start() {
    thread.start();
    try {
      if (!tried.await(10, TimeUnit.SECONDS)) {
        log.warn("capture on {}: opening takes long; going on without", device);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    String said = "";
    try {
      while (stopped.getCount() > 0) {
        switch (Opened.open(device, ports)) {
          case Opened.Handle opened -> {
            synchronized (handleLock) {
              handle = opened;
            }
            line = working();
            up = true;
            log.info("{}", line);
            said = "";
            tried.countDown();
            read(opened);
          }
          case Opened.Failed failed -> {
            line = failed.line();
            if (!said.equals(line)) {
              log.warn("{}", line);
              said = line;
            }
          }
        }
        tried.countDown();
        if (stopped.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      line = "capture on " + device + ": ended by a bug: " + e;
      log.error("capture on {}: ended by a bug", device, e);
    } finally {
      up = false;
      tried.countDown();
    }
  }

  private void read(Opened.Handle opened) {
    Libpcap library = opened.library();
    MemorySegment pcap = opened.pcap();
    droppedBefore = dropped;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, 2);
      MemorySegment header = pointers.asSlice(0, 8);
      MemorySegment data = pointers.asSlice(8, 8);
      MemorySegment statistics = arena.allocate(16, 8);
      byte[] packet = new byte[Opened.SNAP_LENGTH];
      SynPacket syn = new SynPacket();
      long count = received;
      long statisticsAt = System.nanoTime();
      while (stopped.getCount() > 0) {
        int status = library.next(pcap, header, data);
        if (status == 1) {
          MemorySegment head = header.get(ValueLayout.ADDRESS, 0).reinterpret(24);
          int length =
              Math.min(head.get(ValueLayout.JAVA_INT, Libpcap.HEADER_CAPTURED), Opened.SNAP_LENGTH);
          MemorySegment.copy(
              data.get(ValueLayout.ADDRESS, 0).reinterpret(length),
              ValueLayout.JAVA_BYTE,
              0,
              packet,
              0,
              length);
          int at = LinkLayer.ipOffset(opened.linkType(), packet, 0, length);
          if (at >= 0 && syn.read(packet, at, length) && wanted.get(syn.serverPort)) {
            long nanos =
                head.get(ValueLayout.JAVA_LONG, Libpcap.HEADER_SECONDS) * 1_000_000_000L
                    + head.get(ValueLayout.JAVA_LONG, Libpcap.HEADER_MICROS) * 1000L;
            table.add(syn, packet, nanos);
            received = ++count;
          }
          if ((count & 0xfff) != 0) {
            continue;
          }
        } else if (status < 0) {
          if (stopped.getCount() > 0) {
            line = "capture on " + device + ": " + library.error(pcap);
            log.warn("{}; trying again", line);
          }
          break;
        }
        long now = System.nanoTime();
        if (now - statisticsAt > STATISTICS_NANOS) {
          statisticsAt = now;
          statistics(library, pcap, statistics);
        }
      }
      statistics(library, pcap, statistics);
    } finally {
      up = false;
      synchronized (handleLock) {
        handle = null;
        library.close(pcap);
      }
    }
  }

  private String working() {
    return "capture on " + device + ": SYNs to ports " + ports;
  }

  /**
   * An interface that is down gives no error, but no packets either until it is up again; libpcap
   * does not come back from waiting for one, so those who ask for the status look.
   */
  private void lookAtLink() {
    long now = System.nanoTime();
    synchronized (handleLock) {
      if (handle == null || now - lookedAt < LOOK_NANOS) {
        return;
      }
      lookedAt = now;
      boolean wasUp = up;
      up = Opened.isUp(device);
      if (up && !wasUp) {
        line = working();
        log.info("{}: up again", line);
      } else if (wasUp && !up) {
        line = Opened.down(device).line();
        log.warn("{}", line);
      }
    }
  }

  private void statistics(Libpcap library, MemorySegment pcap, MemorySegment into) {
    if (library.statistics(pcap, into) == 0) {
      dropped = droppedBefore + (into.get(ValueLayout.JAVA_INT, 4) & 0xffff_ffffL);
    }
  }

  @Override
  public Status status() {
    lookAtLink();
    return new Status(device, up, line, received, dropped);
  }

  @Override
  public void close() {
    stopped.countDown();
    synchronized (handleLock) {
      Opened.Handle opened = handle;
      if (opened != null) {
        opened.library().breakLoop(opened.pcap());
      }
    }
    try {
      thread.join(5000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
