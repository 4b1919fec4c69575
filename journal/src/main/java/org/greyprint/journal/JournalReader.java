// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Reads a journal, also while another process writes it. Broken parts are passed over and counted;
 * every whole record is found.
 */
public final class JournalReader {
  /** How far the times of entries may be from the name of their segment. */
  private static final Duration SLACK = Duration.ofDays(1);

  private final Path directory;
  private long unreadable;
  private long broken;

  /** A reader of the journal in a directory; one that is not there is empty. */
  public JournalReader(Path directory) {
    this.directory = directory;
  }

  /**
   * Gives every entry that is wanted, oldest first.
   *
   * @throws IOException if a segment cannot be read; one that was removed meanwhile is left out
   */
  public void each(Query query, Consumer<Entry> consumer) throws IOException {
    List<Segments.Segment> segments = Segments.list(directory);
    for (int i = 0; i < segments.size(); i++) {
      if (mayHold(segments, i, query)) {
        read(segments.get(i).path(), query, consumer);
      }
    }
  }

  /** The newest entries that are wanted, newest first. */
  public List<Entry> newest(Query query, int most) throws IOException {
    List<Segments.Segment> segments = Segments.list(directory);
    List<Entry> found = new ArrayList<>();
    for (int i = segments.size() - 1; i >= 0 && found.size() < most; i--) {
      if (mayHold(segments, i, query)) {
        List<Entry> here = new ArrayList<>();
        read(segments.get(i).path(), query, here::add);
        here.reversed().stream().limit(most - found.size()).forEach(found::add);
      }
    }
    return found;
  }

  /** The entry with an id. */
  public Optional<Entry> find(String id) throws IOException {
    return newest(Query.byId(id), 1).stream().findFirst();
  }

  /** Octets passed over because they were no whole record. */
  public long broken() {
    return broken;
  }

  /** Whole records that are of a newer version or not understood. */
  public long unreadable() {
    return unreadable;
  }

  private static boolean mayHold(List<Segments.Segment> segments, int i, Query query) {
    long slack = SLACK.toMillis();
    boolean tooOld =
        query.since().isPresent()
            && i + 1 < segments.size()
            && segments.get(i + 1).begun() + slack < query.since().get().toEpochMilli();
    boolean tooNew =
        query.until().isPresent()
            && segments.get(i).begun() - slack > query.until().get().toEpochMilli();
    return !tooOld && !tooNew;
  }

  private void read(Path path, Query query, Consumer<Entry> consumer) throws IOException {
    byte[] bytes;
    try {
      bytes = bytes(path);
    } catch (NoSuchFileException e) {
      return;
    }
    int at = 0;
    while (at < bytes.length) {
      int length = Frames.whole(bytes, at, bytes.length);
      if (length < 0) {
        if (at >= Frames.MAGIC.length) {
          broken++;
        }
        at++;
        continue;
      }
      int from = at + Frames.HEAD;
      at = from + length;
      try {
        EntryCodec.decode(bytes, from, at, query).filter(query::wants).ifPresent(consumer);
      } catch (Input.Malformed e) {
        unreadable++;
      }
    }
  }

  private static byte[] bytes(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(channel.size(), 1 << 30));
      while (buffer.hasRemaining() && channel.read(buffer) >= 0) {
        continue;
      }
      return buffer.position() == buffer.capacity()
          ? buffer.array()
          : java.util.Arrays.copyOf(buffer.array(), buffer.position());
    }
  }
}
