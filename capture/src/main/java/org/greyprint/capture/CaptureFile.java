// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.io.Closeable;
import java.io.EOFException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Reads the packets of a capture file, one after the other, without garbage.
 *
 * <p>pcap (both byte orders, micro- and nanoseconds, Kuznetzov's longer records) and pcapng
 * (draft-ietf-opsawg-pcapng), each also compressed with gzip, from a file or from a stream that is
 * still being written: a packet is given as soon as it is complete. Memory is one buffer of a
 * megabyte however large the file.
 *
 * <p>A file that is cut off or damaged gives every packet before the damage; then {@link #next}
 * answers false and {@link #damage} says what is wrong and where.
 */
public final class CaptureFile implements Closeable {
  /** What is wrong with a file, at how many octets from its start (uncompressed). */
  public record Damage(long offset, String message) {}

  /** Octets of a packet that are kept; more than any header needs. */
  static final int MAX_PACKET = 65_536;

  /** No writer makes longer records (libpcap's own limit is 256 KiB but for exotic links). */
  static final int MAX_RECORD = 16 << 20;

  private static final int BUFFER = 1 << 20;

  /** Octets after the last one that is read into, so that readers may look at whole words. */
  static final int SLACK = 64;

  private final String name;
  private final InputStream in;
  private final byte[] buffer;
  private final Runnable beforeRead;

  /** Octets of the file before buffer[0]. */
  private long base;

  private int position;
  private int limit;
  private boolean ended;

  private Optional<Damage> damage = Optional.empty();
  private final Format format;

  /**
   * Octets to skip before the next record; not skipped at once, for the packet lies before them.
   */
  private long later;

  private int packetStart;
  private int packetEnd;
  private int packetLink;
  private long packetNanos;

  private CaptureFile(String name, InputStream in, Runnable beforeRead, byte[] buffer)
      throws IOException {
    this.buffer = buffer;
    this.name = name;
    this.in = in;
    this.beforeRead = beforeRead;
    Format found = null;
    try {
      found = Format.detect(this);
    } catch (Damaged e) {
      damage = Optional.of(e.damage);
    } catch (EOFException | ZipException e) {
      damage = Optional.of(new Damage(fileOffset(), "the compressed data is damaged"));
    }
    this.format = found == null ? file -> false : found;
  }

  /**
   * Opens a file.
   *
   * @param beforeRead called each time before octets are read, which may wait for them
   * @throws IOException if it cannot be opened or read; what it holds never makes it throw
   */
  public static CaptureFile open(Path file, Runnable beforeRead) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    try {
      if (Files.isDirectory(file)) {
        throw new IOException("is a directory");
      }
      return open(file.toString(), new ChannelStream(channel), beforeRead);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Reads standard input, e.g. what {@code tcpdump -U -w -} writes. */
  @SuppressWarnings("resource")
  public static CaptureFile standardInput(Runnable beforeRead) throws IOException {
    FileChannel channel = new FileInputStream(java.io.FileDescriptor.in).getChannel();
    return open("standard input", new ChannelStream(channel), beforeRead);
  }

  /** Reads a stream, which is closed with this. */
  public static CaptureFile open(String name, InputStream in, Runnable beforeRead)
      throws IOException {
    return open(name, in, beforeRead, new byte[BUFFER + SLACK]);
  }

  /** The same with a buffer of a megabyte that is used again, for reading many small files. */
  static CaptureFile open(String name, InputStream in, Runnable beforeRead, byte[] buffer)
      throws IOException {
    java.io.PushbackInputStream back = new java.io.PushbackInputStream(in, 2);
    beforeRead.run();
    byte[] magic = back.readNBytes(2);
    back.unread(magic);
    boolean gzip = magic.length == 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
    if (!gzip) {
      return new CaptureFile(name, back, beforeRead, buffer);
    }
    try {
      return new CaptureFile(name, new GZIPInputStream(back, 1 << 16), beforeRead, buffer);
    } catch (EOFException | ZipException e) {
      CaptureFile none = new CaptureFile(name, InputStream.nullInputStream(), beforeRead, buffer);
      none.damage = Optional.of(new Damage(0, "the compressed data is damaged"));
      return none;
    }
  }

  /** What messages call it. */
  public String name() {
    return name;
  }

  /**
   * Moves to the next packet.
   *
   * @return false at the end of the file, or where it is damaged
   * @throws IOException if reading fails
   */
  public boolean next() throws IOException {
    if (damage.isPresent()) {
      return false;
    }
    try {
      if (later > 0) {
        long count = later;
        later = 0;
        skip(count, "a packet");
      }
      return format.next(this);
    } catch (Damaged e) {
      damage = Optional.of(e.damage);
    } catch (EOFException | ZipException e) {
      damage = Optional.of(new Damage(fileOffset(), "the compressed data is damaged or cut off"));
    }
    return false;
  }

  /** What is wrong with the file, as far as it was read. */
  public Optional<Damage> damage() {
    return damage;
  }

  /** Holds the packet from {@link #start} up to {@link #end}; overwritten by {@link #next}. */
  public byte[] bytes() {
    return buffer;
  }

  /** Index of the packet's first octet in {@link #bytes}. */
  public int start() {
    return packetStart;
  }

  /** Index after the packet's last octet. */
  public int end() {
    return packetEnd;
  }

  /** LINKTYPE number of the packet's first header. */
  public int linkType() {
    return packetLink;
  }

  /** When it was captured, nanoseconds since 1970. */
  public long nanos() {
    return packetNanos;
  }

  /** Octets read so far, uncompressed. */
  public long fileOffset() {
    return base + position;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  void packet(int start, int end, int linkType, long nanos) {
    packetStart = start;
    packetEnd = end;
    packetLink = linkType;
    packetNanos = nanos;
  }

  /**
   * Makes the next {@code count} octets available; the index of the first, or -1 at the end of the
   * file. They are not yet consumed.
   *
   * @param what named in the message where the file ends within them
   */
  int need(int count, String what) throws IOException {
    if (limit - position >= count) {
      return position;
    }
    return fill(count, what);
  }

  private int fill(int count, String what) throws IOException {
    if (position > 0) {
      System.arraycopy(buffer, position, buffer, 0, limit - position);
      base += position;
      limit -= position;
      position = 0;
    }
    while (limit < count && !ended) {
      beforeRead.run();
      int read = in.read(buffer, limit, buffer.length - SLACK - limit);
      if (read < 0) {
        ended = true;
      } else {
        limit += read;
      }
    }
    if (limit >= count) {
      return 0;
    }
    if (limit == 0) {
      return -1;
    }
    throw damaged(base, "the file ends within " + what);
  }

  /** Consumes octets, also more than the buffer holds. */
  void skip(long count, String what) throws IOException {
    long left = count;
    while (left > limit - position) {
      left -= limit - position;
      position = limit;
      if (need((int) Math.min(left, BUFFER / 2), what) < 0) {
        throw damaged(base + position, "the file ends within " + what);
      }
    }
    position += (int) left;
  }

  /** Consumes octets when the next packet is asked for, so that this one stays in the buffer. */
  void skipLater(long count) {
    later = count;
  }

  Damaged damaged(long offset, String message) {
    return new Damaged(new Damage(offset, message));
  }

  /** How records follow each other. */
  @FunctionalInterface
  interface Format {
    boolean next(CaptureFile file) throws IOException;

    static Format detect(CaptureFile file) throws IOException {
      int at = file.need(4, "the first four octets");
      if (at < 0) {
        throw file.damaged(0, "the file is empty");
      }
      byte[] b = file.buffer;
      int magic =
          b[at] << 24 | (b[at + 1] & 0xff) << 16 | (b[at + 2] & 0xff) << 8 | b[at + 3] & 0xff;
      return switch (magic) {
        case 0x0a0d0d0a -> new PcapNg();
        case 0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34, 0xd4c3b2a1, 0x4d3cb2a1, 0x34cdb2a1 ->
            ClassicPcap.open(file, magic);
        default -> throw file.damaged(0, "not a pcap or pcapng file");
      };
    }
  }

  /** Leaves the reading of a record that is damaged. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1;
    private final transient Damage damage;

    Damaged(Damage damage) {
      super(damage.message());
      this.damage = damage;
    }
  }

  /** A channel read through one direct buffer. */
  private static final class ChannelStream extends InputStream {
    private final FileChannel channel;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(1 << 16).flip();

    ChannelStream(FileChannel channel) {
      this.channel = channel;
    }

    @Override
    public int read() throws IOException {
      return fill() ? chunk.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] b, int offset, int length) throws IOException {
      if (!fill()) {
        return -1;
      }
      int count = Math.min(length, chunk.remaining());
      chunk.get(b, offset, count);
      return count;
    }

    @Override
    public int available() throws IOException {
      // Asked where a gzip member ends: whether another one follows.
      return fill() ? chunk.remaining() : 0;
    }

    private boolean fill() throws IOException {
      if (chunk.hasRemaining()) {
        return true;
      }
      chunk.clear();
      int read = channel.read(chunk);
      chunk.flip();
      return read > 0;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
