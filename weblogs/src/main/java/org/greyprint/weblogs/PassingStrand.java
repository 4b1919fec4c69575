// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/**
 * Lines of a file that is read only now, while they are merged, and only once. They are brought
 * into order as far as the file is read ahead; a line that is later than that can't be given in
 * order any more.
 *
 * <p>There are three pieces of the file in memory. Of two the lines are being given; when none of
 * the older one is left, the third takes its place, which another thread has read meanwhile.
 */
final class PassingStrand extends Strand {
  private static final int PIECES = 3;

  /** A line came too late to be given in order: the file has to be read to its end first. */
  static final class TooLate extends IOException {
    private static final long serialVersionUID = 1;

    private TooLate() {
      super("a line is too late");
    }

    /** It is no fault, and tells all by its type. */
    @Override
    public synchronized Throwable fillInStackTrace() {
      return this;
    }
  }

  private final Scan scan;
  private final Scan.Tally tally;
  private final ExecutorService reader;
  private Piece older;
  private Piece younger;
  private Future<Piece> coming;
  private boolean ended;

  // The lines that are to be given, in order.
  private long[] instants = new long[1024];
  private int[] offsets = new int[1024];
  private int[] lengths = new int[1024];
  private Piece[] pieces = new Piece[1024];
  private int head;
  private int tail;

  /** The instant given last: what is before it is too late. */
  private long given = Long.MIN_VALUE;

  /**
   * @param ahead how much is read at a time
   * @param reader reads; ends with the merge
   */
  PassingStrand(Scan scan, Scan.Tally tally, int ahead, ExecutorService reader) {
    this.scan = scan;
    this.tally = tally;
    this.reader = reader;
    source = scan.source();
    older = new Piece(ahead);
    younger = new Piece(ahead);
    coming = read(new Piece(ahead));
  }

  /**
   * How much of each file may be read at a time.
   *
   * @param octets the memory for all files
   * @return less than 1 if there are too many
   */
  static int ahead(long octets, int files) {
    long each = octets / Math.max(files, 1) / PIECES - Scan.bufferSize(0);
    // The lists of its lines take about as much again if these are short.
    return (int) (each / 2);
  }

  private Future<Piece> read(Piece piece) {
    return reader.submit(() -> {
      piece.count = 0;
      piece.last = !scan.more(piece.octets, piece, tally);
      piece.left = piece.count;
      return piece;
    });
  }

  @Override
  boolean next() throws IOException {
    while (head == tail || !ended && older.left == 0) {
      if (ended) {
        return false;
      }
      goOn();
    }
    Piece piece = pieces[head];
    piece.left--;
    data = piece.view;
    offset = offsets[head];
    instant = instants[head];
    length = lengths[head++];
    given = instant;
    return true;
  }

  private void goOn() throws IOException {
    Piece next;
    try {
      next = coming.get();
    } catch (ExecutionException e) {
      throw Failures.of(Objects.requireNonNullElse(e.getCause(), e), "the reading was stopped");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    Piece free = older;
    older = younger;
    younger = next;
    if (next.last) {
      ended = true;
    } else {
      coming = read(free);
    }
    room(next.count);
    for (int i = 0; i < next.count; i++) {
      take(next, i);
    }
  }

  /** Makes room for more lines behind those that are waiting. */
  private void room(int more) {
    int waiting = tail - head;
    System.arraycopy(instants, head, instants, 0, waiting);
    System.arraycopy(offsets, head, offsets, 0, waiting);
    System.arraycopy(lengths, head, lengths, 0, waiting);
    System.arraycopy(pieces, head, pieces, 0, waiting);
    head = 0;
    tail = waiting;
    if (waiting + more > instants.length) {
      int size = Math.max(waiting + more, 2 * instants.length);
      instants = Arrays.copyOf(instants, size);
      offsets = Arrays.copyOf(offsets, size);
      lengths = Arrays.copyOf(lengths, size);
      pieces = Arrays.copyOf(pieces, size);
    }
  }

  private void take(Piece piece, int number) throws IOException {
    long wanted = piece.instants[number];
    if (wanted < given) {
      throw new TooLate();
    }
    int at = tail;
    if (at > 0 && wanted < instants[at - 1]) {
      at = Window.after(instants, tail, wanted);
      int moved = tail - at;
      System.arraycopy(instants, at, instants, at + 1, moved);
      System.arraycopy(offsets, at, offsets, at + 1, moved);
      System.arraycopy(lengths, at, lengths, at + 1, moved);
      System.arraycopy(pieces, at, pieces, at + 1, moved);
    }
    instants[at] = wanted;
    offsets[at] = piece.offsets[number];
    lengths[at] = piece.lengths[number];
    pieces[at] = piece;
    tail++;
  }

  /** A piece of the file, and the lines that end in it, in the order they stand in. */
  private static final class Piece implements Scan.Groups {
    final byte[] octets;
    final ByteBuffer view;
    long[] instants = new long[1024];
    int[] offsets = new int[1024];
    int[] lengths = new int[1024];
    int count;

    /** How many lines are still to be given. */
    int left;

    /** Whether the file ends with it. */
    boolean last;

    Piece(int ahead) {
      octets = new byte[Scan.bufferSize(ahead)];
      view = ByteBuffer.wrap(octets);
    }

    @Override
    public void take(
        long instant, long position, byte[] from, int at, int length, boolean unterminated) {
      if (count == instants.length) {
        instants = Arrays.copyOf(instants, count * 2);
        offsets = Arrays.copyOf(offsets, count * 2);
        lengths = Arrays.copyOf(lengths, count * 2);
      }
      int size = length;
      if (unterminated) {
        // Nothing stands there: it is the end of the source, and the buffer has an octet to spare.
        from[at + size++] = '\n';
      }
      instants[count] = instant;
      offsets[count] = at;
      lengths[count++] = size;
    }
  }
}
