// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An open source: its octets unpacked, from its beginning or from where an earlier run ended.
 *
 * <p>A file that is not packed keeps its channel, is read up to the size it had when it was opened,
 * and can be read again while merging. Anything else is read once.
 */
final class Content implements Closeable {
  /** A packed file is looked ahead by so much at most. */
  static final int HEAD = 4096;

  /** A file is read by so much at a time, which stays in the processor's cache. */
  private static final int PIECE = 1 << 17;

  /** So much of what was read last is remembered. */
  static final int TAIL = 1024;

  private final Source source;
  private final @Nullable FileChannel channel;
  private final boolean plain;
  private final Compression compression;
  private final Instant written;
  private final @Nullable Object key;
  private final long fileSize;
  private @Nullable InputStream stream;
  private long position;
  private long end;
  private byte[] tail = new byte[0];

  private Content(
      Source source, @Nullable FileChannel channel, Compression compression, @Nullable Object key)
      throws IOException {
    this.source = source;
    this.channel = channel;
    this.compression = compression;
    plain = channel != null && compression == Compression.NONE;
    this.key = key;
    written = source.written();
    fileSize = channel == null ? 0 : channel.size();
    end = plain ? fileSize : Long.MAX_VALUE;
  }

  static Content open(Source source) throws IOException {
    if (source.file().isEmpty() || !FileKeys.ordinary(source.file().get())) {
      Content content = new Content(source, null, Compression.NONE, null);
      content.stream = new BufferedInputStream(source.open(), 1 << 16);
      return content;
    }
    Path path = source.file().get();
    FileChannel channel;
    Object key;
    try {
      Object before = FileKeys.of(path);
      channel = FileChannel.open(path, StandardOpenOption.READ);
      key = FileKeys.of(path);
      if (!key.equals(before)) {
        // It was rotated at this very moment.
        channel.close();
        channel = FileChannel.open(path, StandardOpenOption.READ);
        key = FileKeys.of(path);
      }
    } catch (IOException e) {
      throw failed(source.name(), "opened", e);
    }
    try {
      byte[] head = new byte[Compression.HEAD];
      int length = channel.read(ByteBuffer.wrap(head), 0);
      return new Content(source, channel, Compression.of(head, Math.max(length, 0)), key);
    } catch (IOException e) {
      channel.close();
      throw e instanceof LogsException ? e : failed(source.name(), "read", e);
    }
  }

  /**
   * The stream of what can't be read at any place, where the reading is. An unpacker takes memory,
   * up to many megabytes: it is made when it is needed.
   */
  private InputStream stream() throws IOException {
    InputStream open = stream;
    if (open == null) {
      FileChannel from = channel();
      from.position(0);
      InputStream raw = new BufferedInputStream(new Unclosed(from), 1 << 16);
      open = new BufferedInputStream(compression.unpack(raw, source.name()), 1 << 16);
      stream = open;
      open.skipNBytes(position);
    }
    return open;
  }

  /** Gives the unpacker's memory back until the reading goes on. */
  void rest() throws IOException {
    if (stream != null && channel != null) {
      stream.close();
      stream = null;
    }
  }

  /** A file whose channel outlives the unpacker. */
  private static final class Unclosed extends FilterInputStream {
    Unclosed(FileChannel channel) {
      super(Channels.newInputStream(channel));
    }

    @Override
    public void close() {
      // The channel is closed with the content.
    }
  }

  /** What it says that a name is at fault. */
  static LogsException failed(String name, String what, IOException e) {
    String why = e instanceof java.nio.file.NoSuchFileException ? "it is not there" : e.toString();
    return new LogsException(name + " can't be " + what + " (" + why + ")", e);
  }

  static void readFully(FileChannel channel, long from, ByteBuffer target) throws IOException {
    long position = from;
    while (target.hasRemaining()) {
      int read = channel.read(target, position);
      if (read < 0) {
        throw new EOFException("ends at octet " + position);
      }
      position += read;
    }
  }

  static void readFully(FileChannel channel, String name, long from, ByteBuffer target)
      throws IOException {
    try {
      readFully(channel, from, target);
    } catch (EOFException e) {
      throw new LogsException(
          name + " was cut short while it was read (" + e.getMessage() + "): run again", e);
    }
  }

  private void readFully(long from, byte[] target, int at, int length) throws IOException {
    readFully(channel(), name(), from, ByteBuffer.wrap(target, at, length));
  }

  String name() {
    return source.name();
  }

  Instant written() {
    return written;
  }

  /** Tells one file of the machine from every other; null for a stream. */
  @Nullable Object key() {
    return key;
  }

  long fileSize() {
    return fileSize;
  }

  /** When the file was last written to, nanoseconds since 1970. */
  long modified() {
    return written.getEpochSecond() * 1_000_000_000L + written.getNano();
  }

  /** The octets before the place where the reading is, at most {@link #TAIL}. */
  byte[] tail() {
    return tail;
  }

  /** Goes back to a place, for the file to be read from there again. */
  void rewind(long place) {
    position = place;
    tail = new byte[0];
  }

  /** Ends the reading here. */
  void finish() {
    end = position;
  }

  /** Octets of the file that were read, packed as they are; 0 for a stream. */
  long rawPosition() throws IOException {
    return plain ? position : channel == null ? 0 : Math.min(channel.position(), fileSize);
  }

  /** Whether its lines can stay where they are until they are merged. */
  boolean plain() {
    return plain;
  }

  FileChannel channel() {
    if (channel == null) {
      throw new IllegalStateException("no file");
    }
    return channel;
  }

  long position() {
    return position;
  }

  /** Where it ends, for a plain file. */
  long end() {
    return end;
  }

  /** The first octets, at most {@link #HEAD}, from the very beginning; before any reading. */
  byte[] head(int length) throws IOException {
    byte[] head = new byte[length];
    int filled = 0;
    if (plain) {
      filled = (int) Math.min(length, end);
      readFully(0, head, 0, filled);
    } else {
      try {
        InputStream in = stream();
        in.mark(length + 1);
        filled = in.readNBytes(head, 0, length);
        in.reset();
        rest();
      } catch (IOException e) {
        throw unreadable(e);
      }
    }
    return Arrays.copyOf(head, filled);
  }

  /**
   * Goes forward to a place and gives the octets before it, or fewer where it ends before.
   *
   * @param tail how many octets
   */
  byte[] skipTo(long place, int tail) throws IOException {
    long tailFrom = Math.max(place - tail, 0);
    byte[] octets = new byte[(int) (place - tailFrom)];
    if (plain) {
      if (place > end) {
        return new byte[0];
      }
      readFully(tailFrom, octets, 0, octets.length);
      position = place;
      this.tail = octets;
      return octets;
    }
    try {
      InputStream in = stream();
      byte[] block = new byte[1 << 16];
      while (position < tailFrom) {
        int read = in.read(block, 0, (int) Math.min(block.length, tailFrom - position));
        if (read < 0) {
          return new byte[0];
        }
        position += read;
      }
      int filled = in.readNBytes(octets, 0, octets.length);
      position += filled;
      this.tail = octets;
      rest();
      return filled < octets.length ? new byte[0] : octets;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  /** Octets of the beginning and the end of what is read: another text would have others. */
  byte[] mark(long from, int length) throws IOException {
    int size = (int) Math.min(length, end - from);
    byte[] mark = new byte[2 * size];
    readFully(from, mark, 0, size);
    readFully(end - size, mark, size, size);
    return mark;
  }

  /** Leaves a last line without a line feed out: it may not be written to its end yet. */
  long holdBack() throws IOException {
    byte[] block = new byte[1 << 16];
    long to = end;
    while (to > position) {
      int length = (int) Math.min(block.length, to - position);
      readFully(to - length, block, 0, length);
      int at = Octets.lastLineFeed(block, 0, length);
      if (at >= 0) {
        to = to - length + at + 1;
        break;
      }
      to -= length;
    }
    long held = end - to;
    end = to;
    return held;
  }

  /** Reads on; -1 at the end. */
  int read(byte[] target, int at, int length) throws IOException {
    try {
      int wanted = (int) Math.min(Math.min(length, PIECE), end - position);
      if (wanted <= 0) {
        return -1;
      }
      int read =
          plain
              ? channel().read(ByteBuffer.wrap(target, at, wanted), position)
              : stream().read(target, at, wanted);
      if (read < 0 && plain) {
        throw new LogsException(
            name()
                + " was cut short while it was read (ends at octet "
                + position
                + "): run again");
      }
      if (read > 0) {
        position += read;
        remember(target, at, read);
      }
      return read;
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private LogsException unreadable(IOException e) {
    return e instanceof LogsException known
        ? known
        : new LogsException(
            name() + " can't be read to its end (octet " + position + ": " + e.getMessage() + ")",
            e);
  }

  private void remember(byte[] data, int at, int length) {
    int kept = Math.min(tail.length, TAIL - Math.min(TAIL, length));
    byte[] octets = new byte[kept + Math.min(TAIL, length)];
    System.arraycopy(tail, tail.length - kept, octets, 0, kept);
    int taken = octets.length - kept;
    System.arraycopy(data, at + length - taken, octets, kept, taken);
    tail = octets;
  }

  @Override
  public void close() throws IOException {
    if (stream != null) {
      stream.close();
    }
    if (channel != null) {
      channel.close();
    }
  }
}
