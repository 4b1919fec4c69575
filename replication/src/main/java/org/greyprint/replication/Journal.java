// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * What was done so far, on disk before the next thing is done.
 *
 * <p>One record a line, {@code CRC TIME EVENT key=value ...}, tab separated, written and forced to
 * the disk (fsync) one at a time. A line cut short by a crash fails its checksum and is left out.
 * The file is locked while a move runs, so two cannot work at once. It holds no password.
 */
final class Journal implements AutoCloseable {
  /** One thing that happened. */
  record Entry(String event, Map<String, String> values) {
    String value(String key) {
      return values.getOrDefault(key, "");
    }
  }

  private final FileChannel channel;
  private final FileLock lock;
  private final Clock clock;
  private final List<Entry> entries;

  private Journal(FileChannel channel, FileLock lock, Clock clock, List<Entry> entries) {
    this.channel = channel;
    this.lock = lock;
    this.clock = clock;
    this.entries = entries;
  }

  /** Opens or makes the file and locks it. */
  static Journal open(Path file, Clock clock) {
    try {
      Path folder = file.toAbsolutePath().getParent();
      boolean fresh = !Files.exists(file);
      if (fresh) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      FileLock lock = lock(channel);
      if (lock == null) {
        channel.close();
        throw new MoveFailure(
            file + ": another move works with this journal; wait for it or end it first");
      }
      if (fresh && folder != null) {
        try (FileChannel directory = FileChannel.open(folder)) {
          directory.force(true);
        }
      }
      List<Entry> entries = read(file);
      channel.position(channel.size());
      return new Journal(channel, lock, clock, entries);
    } catch (IOException e) {
      throw new MoveFailure(file + ": the journal cannot be written: " + e, e);
    }
  }

  @SuppressWarnings("NullAway")
  private static FileLock lock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  /** Reads a journal without touching it; nothing where there is none. */
  static List<Entry> read(Path file) {
    List<Entry> entries = new ArrayList<>();
    try {
      if (!Files.exists(file)) {
        return entries;
      }
      String all = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      for (String line : all.split("\n")) {
        parse(line).ifPresent(entries::add);
      }
    } catch (IOException e) {
      throw new MoveFailure(file + ": the journal cannot be read: " + e, e);
    }
    return entries;
  }

  private static Optional<Entry> parse(String line) {
    int tab = line.indexOf('\t');
    if (tab != 8 || !line.substring(0, 8).equals(checksum(line.substring(9)))) {
      return Optional.empty();
    }
    String[] parts = line.split("\t");
    Map<String, String> values = new TreeMap<>();
    if (parts.length < 3) {
      return Optional.empty();
    }
    for (int i = 3; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals < 0) {
        return Optional.empty();
      }
      values.put(parts[i].substring(0, equals), unescape(parts[i].substring(equals + 1)));
    }
    return Optional.of(new Entry(parts[2], values));
  }

  private static String checksum(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    return String.format("%08x", crc.getValue());
  }

  private static String escape(String value) {
    return value.replace("%", "%25").replace("\t", "%09").replace("\n", "%0A").replace("\r", "%0D");
  }

  private static String unescape(String value) {
    return value.replace("%0D", "\r").replace("%0A", "\n").replace("%09", "\t").replace("%25", "%");
  }

  /**
   * Writes one record and forces it to the disk.
   *
   * @throws MoveFailure if that is not possible; the record does not count then
   */
  void write(String event, Map<String, String> values) {
    StringBuilder line = new StringBuilder();
    line.append(clock.instant()).append('\t').append(event);
    new TreeMap<>(values)
        .forEach((key, value) -> line.append('\t').append(key).append('=').append(escape(value)));
    String text = checksum(line.toString()) + "\t" + line + "\n";
    try {
      // A line that a crash cut short is ended first.
      boolean torn = channel.size() > 0 && lastByte() != '\n';
      ByteBuffer bytes =
          ByteBuffer.wrap(((torn ? "\n" : "") + text).getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      throw new MoveFailure("the journal cannot be written: " + e.getMessage(), e);
    }
    entries.add(new Entry(event, values));
  }

  private int lastByte() throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    channel.read(one, channel.size() - 1);
    return one.get(0);
  }

  void write(String event) {
    write(event, Map.of());
  }

  /**
   * The records of the move that is under way or was the last; from its {@code begin} on. A return
   * that was rolled back leaves things as the move before it had left them, so that one is current.
   */
  List<Entry> current() {
    return current(entries);
  }

  static List<Entry> current(List<Entry> entries) {
    List<Entry> current = List.of();
    int start = 0;
    for (int i = 0; i <= entries.size(); i++) {
      if (i == entries.size() || (entries.get(i).event().equals("begin") && i > start)) {
        List<Entry> one = entries.subList(start, i);
        boolean undone =
            !one.isEmpty()
                && one.getFirst().value("back").equals("true")
                && one.stream().anyMatch(entry -> entry.event().equals("rolled-back"));
        current = undone ? current : one;
        start = i;
      }
    }
    return current;
  }

  /** Every record, of earlier moves too. */
  List<Entry> all() {
    return List.copyOf(entries);
  }

  /** The last record of a kind in the current move. */
  Optional<Entry> last(String event) {
    return current().stream().filter(e -> e.event().equals(event)).reduce((a, b) -> b);
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
