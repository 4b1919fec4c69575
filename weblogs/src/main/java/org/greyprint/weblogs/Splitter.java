// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.greyprint.weblogs.stamp.Stamps;
import org.jspecify.annotations.Nullable;

/**
 * Writes each virtual host's lines to a file of its own.
 *
 * <p>Lines are gathered host by host and written when a host has many or when there are too many of
 * all hosts together. Files stay open as long as the system's limit allows; beyond, the one used
 * longest ago is closed and opened again when its host has lines again.
 */
final class Splitter implements LineSink, Closeable {
  private static final int MOST_HOSTS = 50_000;
  private static final int FULL = 1 << 16;
  private static final int FIRST = 1 << 10;
  private static final int FORCERS = 16;

  private final Path folder;
  private final Disk disk;
  private final @Nullable Journal journal;
  private final Set<Object> sources;
  private final @Nullable Stamps[] stamps;
  private final long room;
  private final int handles;

  private final Map<String, Host> hosts = new HashMap<>();
  private final LinkedHashMap<Host, Disk.Appender> open = new LinkedHashMap<>(64, 0.75f, true);
  private final List<Host> unnoted = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final boolean[] continued;
  private final @Nullable Host[] last;
  private final HostTable table = new HostTable();
  private long gathered;
  private boolean tooMany;

  /** A host's file and what is to be written to it. */
  static final class Host {
    final Path path;
    byte[] lines = new byte[0];
    int length;
    boolean noted;
    boolean written;

    Host(Path path) {
      this.path = path;
    }
  }

  /**
   * @param journal gets the files before they are written to; without one they are begun anew
   * @param sources the keys of the files that are read, and so must not be written to
   * @param memory of the whole process, in octets
   * @param handles how many files may be open
   * @param stamps one a source that has virtual hosts, null for the others
   */
  Splitter(
      Path folder,
      Disk disk,
      @Nullable Journal journal,
      Set<Object> sources,
      long memory,
      int handles,
      @Nullable Stamps[] stamps) {
    this.folder = folder;
    this.disk = disk;
    this.journal = journal;
    this.sources = sources;
    this.handles = handles;
    this.stamps = stamps;
    room = memory / 16;
    continued = new boolean[stamps.length];
    last = new Host[stamps.length];
  }

  List<String> notices() {
    return notices;
  }

  int files() {
    return (int) hosts.values().stream().filter(host -> host.written).count();
  }

  @Override
  public void line(long instant, int source, byte[] buffer, int offset, int length)
      throws IOException {
    Host host = host(source, buffer, offset, length);
    int filled = host.length;
    if (filled + length > host.lines.length) {
      grow(host, filled + length);
    }
    System.arraycopy(buffer, offset, host.lines, filled, length);
    host.length = filled + length;
    if (host.length >= FULL) {
      write(host);
    } else if (gathered > room) {
      writeAll();
    }
  }

  private void grow(Host host, int needed) {
    int size = Math.max(FIRST, Math.max(needed, Math.min(host.lines.length * 2, FULL)));
    gathered += size - host.lines.length;
    host.lines = Arrays.copyOf(host.lines, size);
  }

  private Host host(int source, byte[] buffer, int offset, int length) throws IOException {
    boolean piece = continued[source];
    continued[source] = buffer[offset + length - 1] != '\n';
    Host before = last[source];
    Stamps finder = stamps[source];
    if (before != null
        && (piece
            || finder == null
            || finder.find(buffer, offset, offset + length) == Stamps.NONE)) {
      return before;
    }
    Host host;
    if (finder == null || finder.find(buffer, offset, offset + length) == Stamps.NONE) {
      host = named(HostNames.NONE + ".log");
    } else {
      int end = offset;
      while (end < offset + length && buffer[end] != ' ') {
        end++;
      }
      host = table.get(buffer, offset, end);
      if (host == null) {
        host = named(HostNames.fileName(buffer, offset, end));
        table.put(buffer, offset, end, host);
      }
    }
    last[source] = host;
    return host;
  }

  private Host named(String name) throws IOException {
    Host host = hosts.get(name);
    if (host == null && hosts.size() >= MOST_HOSTS && !name.startsWith("_")) {
      if (!tooMany) {
        tooMany = true;
        notices.add(
            "there are more than "
                + MOST_HOSTS
                + " virtual hosts: lines of the others are in "
                + HostNames.OTHERS
                + ".log");
      }
      return named(HostNames.OTHERS + ".log");
    }
    if (host == null) {
      host = new Host(folder.resolve(name));
      hosts.put(name, host);
      unnoted.add(host);
    }
    return host;
  }

  /** Notes all files that are new to this run, in one go: each time waits for the disk. */
  private void note() throws IOException {
    List<Journal.Entry> entries = new ArrayList<>();
    for (Host host : unnoted) {
      boolean there = Files.exists(host.path, LinkOption.NOFOLLOW_LINKS);
      if (there && Files.isRegularFile(host.path, LinkOption.NOFOLLOW_LINKS)) {
        if (sources.contains(FileKeys.of(host.path))) {
          throw new LogsException(
              host.path + " is one of the logs to be read: name another folder");
        }
        if (journal == null) {
          disk.truncate(host.path, 0);
        }
      }
      entries.add(new Journal.Entry(host.path, there ? Files.size(host.path) : -1));
      host.noted = true;
    }
    unnoted.clear();
    if (journal != null) {
      journal.add(entries);
    }
  }

  private void write(Host host) throws IOException {
    if (host.length == 0) {
      return;
    }
    if (!host.noted) {
      note();
    }
    Disk.Appender file = open.get(host);
    if (file == null) {
      if (open.size() >= handles) {
        closeOldest();
      }
      file = disk.append(host.path);
      open.put(host, file);
    }
    file.write(ByteBuffer.wrap(host.lines, 0, host.length));
    host.written = true;
    host.length = 0;
    if (host.lines.length > 2 * FULL) {
      gathered -= host.lines.length;
      host.lines = new byte[0];
    }
  }

  private void writeAll() throws IOException {
    for (Host host : hosts.values()) {
      write(host);
      gathered -= host.lines.length;
      host.lines = new byte[0];
    }
  }

  private void closeOldest() throws IOException {
    var oldest = open.pollFirstEntry();
    if (oldest != null) {
      oldest.getValue().close();
    }
  }

  /** Writes all that is gathered; with a journal returns when it is on the disk. */
  void end() throws IOException {
    writeAll();
    if (journal != null) {
      force();
      disk.forceFolder(folder);
    }
  }

  /** Many at a time, because the system brings them to the disk together. */
  private void force() throws IOException {
    List<Host> written = hosts.values().stream().filter(host -> host.written).toList();
    try (ExecutorService executor = Executors.newFixedThreadPool(FORCERS)) {
      List<Future<?>> futures = new ArrayList<>();
      for (Host host : written) {
        Disk.Appender file = open.get(host);
        futures.add(
            executor.submit(() -> {
              if (file != null) {
                file.force();
              } else {
                try (Disk.Appender again = disk.append(host.path)) {
                  again.force();
                }
              }
              return null;
            }));
      }
      for (Future<?> future : futures) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    for (Disk.Appender file : open.values()) {
      file.close();
    }
    open.clear();
  }
}
