// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** The segment that is written to; used by one thread. */
final class SegmentWriter {
  private final JournalSettings settings;
  private final InstantSource clock;
  private @Nullable FileChannel channel;
  private long begun;
  private long size;
  private boolean dirty;

  private SegmentWriter(JournalSettings settings, InstantSource clock) {
    this.settings = settings;
    this.clock = clock;
  }

  /** Goes on with the newest segment, its torn tail cut, or begins the first. */
  static SegmentWriter resume(JournalSettings settings, InstantSource clock, LongAdder cut)
      throws IOException {
    SegmentWriter writer = new SegmentWriter(settings, clock);
    List<Segments.Segment> segments = Segments.list(settings.directory());
    if (segments.isEmpty()) {
      writer.next();
      return writer;
    }
    Segments.Segment newest = segments.getLast();
    writer.begun = newest.begun();
    long length = Files.size(newest.path());
    if (length > settings.segmentBytes() * 2L + Frames.LONGEST) {
      writer.next();
      return writer;
    }
    byte[] bytes = Files.readAllBytes(newest.path());
    boolean ours =
        bytes.length >= Frames.MAGIC.length
            && Arrays.equals(bytes, 0, Frames.MAGIC.length, Frames.MAGIC, 0, Frames.MAGIC.length);
    int end = Frames.end(bytes, bytes.length);
    if (!ours && end > Frames.MAGIC.length) {
      // Whole records behind a broken beginning: kept for readers, never written to.
      writer.next();
      return writer;
    }
    FileChannel channel =
        FileChannel.open(newest.path(), StandardOpenOption.WRITE, StandardOpenOption.READ);
    writer.channel = channel;
    if (!ours) {
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(Frames.MAGIC), 0);
      end = Frames.MAGIC.length;
    }
    if (end < bytes.length) {
      cut.add(bytes.length - end);
      channel.truncate(end);
    }
    channel.position(end);
    writer.size = end;
    return writer;
  }

  long begun() {
    return begun;
  }

  /** Whether the next segment is due: by size, or so that old entries can be removed in time. */
  boolean full() {
    return size >= settings.segmentBytes()
        || size > Frames.MAGIC.length && clock.millis() - begun > settings.maxAge().toMillis() / 8;
  }

  /** Whether the file was taken away, so that what is written to it is lost. */
  boolean gone() {
    return channel != null && !Files.exists(Segments.path(settings.directory(), begun));
  }

  /** Opens a new segment where the last one was given up. */
  void openIfNeeded() throws IOException {
    if (channel == null) {
      next();
    }
  }

  void append(ByteBuffer bytes) throws IOException {
    openIfNeeded();
    FileChannel open = channel;
    if (open == null) {
      throw new IOException("no segment is open");
    }
    dirty = true;
    while (bytes.hasRemaining()) {
      size += open.write(bytes);
    }
    if (full()) {
      next();
    }
  }

  void flush() throws IOException {
    FileChannel open = channel;
    if (dirty && open != null) {
      open.force(false);
      dirty = false;
    }
    if (gone()) {
      throw new NoSuchFileException(settings.directory() + ": the segment was taken away");
    }
  }

  /** Closes this segment and begins the next one. */
  void next() throws IOException {
    close();
    long name = Math.max(begun + 1, clock.millis());
    Path path = Segments.path(settings.directory(), name);
    Files.createDirectories(settings.directory());
    FileChannel open =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
    channel = open;
    begun = name;
    size = open.size();
    if (size == 0) {
      open.write(ByteBuffer.wrap(Frames.MAGIC));
      size = Frames.MAGIC.length;
    }
    dirty = true;
  }

  void close() throws IOException {
    FileChannel open = channel;
    if (open != null) {
      channel = null;
      try (open) {
        if (dirty) {
          open.force(false);
          dirty = false;
        }
      }
    }
  }

  /** Gives the segment up after a failure; the next append begins a new one. */
  void abandon() {
    FileChannel open = channel;
    channel = null;
    dirty = false;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        // It failed already and that was told.
        dirty = false;
      }
    }
  }
}
