// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.util.ByteProcessor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.greyprint.mta.gateway.GatewaySettings.Strays;

/**
 * The one way of a message through the gateway. What comes out is what DATA carries: lines ended by
 * CRLF and by nothing else, dots at their start doubled. The message ends at CRLF "." CRLF alone
 * (RFC 5321, 4.1.1.4), and no octets that another parser could take for an end come out: a stray
 * CR, LF or NUL is normalised or the message refused. Header fields of given names are removed, in
 * the message's own header only, with their continuation lines.
 *
 * <p>Nothing is copied: runs of unchanged octets come out as slices. Octets whose meaning is still
 * open stay unread in the buffer; these are never more than a name's length and {@value
 * #MAX_BLANKS}.
 */
final class MessageFilter {
  /** Blanks between a header's name and its colon that are looked at. */
  static final int MAX_BLANKS = 64;

  /** Where the message goes. */
  interface Sink {
    /** Takes octets of the buffer, which it must not keep without retaining them. */
    void pass(ByteBuf in, int from, int length);

    /** Takes octets that were not in the message. */
    void insert(byte[] octets);
  }

  /** What was found. */
  enum Found {
    /** The message goes on. */
    MORE,
    /** The message is over; the buffer is read up to its end. */
    END,
    /** A stray octet, where these are refused. */
    STRAY
  }

  private enum Match {
    YES,
    NO,
    OPEN
  }

  private static final byte[] CRLF = {'\r', '\n'};
  private static final byte[] DOT = {'.'};
  private static final byte[] SPACE = {' '};
  private static final ByteProcessor ORDINARY = b -> b > '\r' || (b != '\r' && b != '\n' && b != 0);

  private final byte[][] names;
  private final boolean stuffed;
  private final boolean refuse;

  private boolean lineStart = true;
  private boolean afterBareLf;
  private boolean header = true;
  private boolean firstLine = true;
  private boolean dropping;
  private long octets;
  private int removed;
  private int strays;
  private int runStart;

  /**
   * A filter for one message.
   *
   * @param names of header fields to remove
   * @param stuffed whether it comes by DATA, dots doubled, or by BDAT, as it is
   */
  MessageFilter(List<String> names, boolean stuffed, Strays strays) {
    this.names =
        names.stream()
            .map(
                name -> name.toLowerCase(java.util.Locale.ROOT).getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);
    this.stuffed = stuffed;
    this.refuse = strays == Strays.REFUSE;
  }

  /** Octets that were read so far. */
  long octets() {
    return octets;
  }

  /** Header fields that were removed. */
  int removed() {
    return removed;
  }

  /** Stray octets that were normalised. */
  int strays() {
    return strays;
  }

  /** Whether what came out so far ends at the end of a line. */
  boolean atLineStart() {
    return lineStart;
  }

  /**
   * Reads as much as can be told.
   *
   * @param last whether nothing follows what is in the buffer; only without dot-stuffing
   */
  Found feed(ByteBuf in, boolean last, Sink out) {
    int from = in.readerIndex();
    runStart = from;
    Found found = scan(in, last, out);
    octets += in.readerIndex() - from;
    return found;
  }

  private Found scan(ByteBuf in, boolean last, Sink out) {
    int end = in.writerIndex();
    int at = runStart;
    while (at < end) {
      if (lineStart) {
        int next = startLine(in, at, end, last, out);
        if (next == ENDED) {
          return Found.END;
        }
        if (next == WAIT) {
          break;
        }
        at = next;
        lineStart = false;
        afterBareLf = false;
        if (at == end) {
          break;
        }
      }
      int stray = in.forEachByte(at, end - at, ORDINARY);
      if (stray < 0) {
        at = end;
        break;
      }
      byte b = in.getByte(stray);
      if (b == '\r') {
        if (stray + 1 == end && !last) {
          at = stray;
          break;
        }
        if (stray + 1 < end && in.getByte(stray + 1) == '\n') {
          at = stray + 2;
          lineStart = true;
          continue;
        }
      }
      if (refuse) {
        in.readerIndex(stray);
        return Found.STRAY;
      }
      strays++;
      flush(in, stray, out);
      if (b == '\n') {
        insert(CRLF, out);
        lineStart = true;
        afterBareLf = true;
      } else {
        insert(SPACE, out);
      }
      at = stray + 1;
      runStart = at;
    }
    flush(in, at, out);
    in.readerIndex(at);
    return Found.MORE;
  }

  private static final int WAIT = -1;
  private static final int ENDED = -2;

  /** Looks at the start of a line; the index where its ordinary octets begin, WAIT or ENDED. */
  private int startLine(ByteBuf in, int at, int end, boolean last, Sink out) {
    boolean wire = stuffed && !afterBareLf;
    int content = at;
    boolean double_ = false;
    if (in.getByte(at) == '.') {
      if (!wire) {
        double_ = true;
      } else {
        if (at + 1 == end) {
          return WAIT;
        }
        byte after = in.getByte(at + 1);
        if (after == '\r') {
          if (at + 2 == end) {
            return WAIT;
          }
          if (in.getByte(at + 2) == '\n') {
            flush(in, at, out);
            in.readerIndex(at + 3);
            return ENDED;
          }
        }
        // A dot and a bare LF, made CRLF, would be an end of data.
        double_ = after == '\n';
        content = at + 1;
      }
    }
    if (header) {
      Match match = look(in, content, end, last);
      if (match == Match.OPEN) {
        return WAIT;
      }
      startHeaderLine(in, at, content, end, match == Match.YES, out);
    }
    if (double_) {
      flush(in, at, out);
      insert(DOT, out);
    }
    return content;
  }

  private void startHeaderLine(ByteBuf in, int at, int content, int end, boolean named, Sink out) {
    byte b = content < end ? in.getByte(content) : (byte) '\n';
    boolean crlf = b == '\r' && content + 1 < end && in.getByte(content + 1) == '\n';
    // A stray CR or NUL comes out as a blank.
    boolean blank = b == ' ' || b == '\t' || b == 0 || (b == '\r' && !crlf);
    if (dropping && blank) {
      return;
    }
    if (dropping) {
      dropping = false;
      runStart = at;
    }
    if (blank && firstLine) {
      // It would continue a header of ours: it is no header, so it belongs to the body.
      flush(in, at, out);
      insert(CRLF, out);
      header = false;
    } else if (named) {
      flush(in, at, out);
      dropping = true;
      removed++;
    } else if (b == '\n' || crlf) {
      header = false;
    }
    firstLine = false;
  }

  /** Whether a line is a field to remove; OPEN also where it may be the header's end. */
  private Match look(ByteBuf in, int at, int end, boolean last) {
    Match open = last ? Match.NO : Match.OPEN;
    if (at == end || (at + 1 == end && in.getByte(at) == '\r')) {
      return open;
    }
    Match best = Match.NO;
    for (byte[] name : names) {
      Match match = look(in, at, end, name);
      if (match == Match.YES) {
        return match;
      }
      if (match == Match.OPEN) {
        best = open;
      }
    }
    return best;
  }

  private static Match look(ByteBuf in, int at, int end, byte[] name) {
    for (int i = 0; i < name.length; i++) {
      if (at + i == end) {
        return Match.OPEN;
      }
      int b = in.getByte(at + i);
      if ((b >= 'A' && b <= 'Z' ? b + 32 : b) != name[i]) {
        return Match.NO;
      }
    }
    int from = at + name.length;
    for (int i = from; i < end; i++) {
      byte b = in.getByte(i);
      if (b != ' ' && b != '\t') {
        // Some parsers end the name at the line's end, or drop stray octets: none is trusted.
        return b == ':' || b == '\r' || b == '\n' || b == 0 ? Match.YES : Match.NO;
      }
      if (i - from >= MAX_BLANKS) {
        return Match.YES;
      }
    }
    return Match.OPEN;
  }

  private void flush(ByteBuf in, int to, Sink out) {
    if (!dropping && to > runStart) {
      out.pass(in, runStart, to - runStart);
    }
    runStart = to;
  }

  private void insert(byte[] octets, Sink out) {
    if (!dropping) {
      out.insert(octets);
    }
  }
}
