// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import java.util.zip.CRC32C;

/**
 * Records in a segment: two octets to recognise them by, the length, a CRC-32C over length and
 * payload (RFC 3720, appendix B.4), the payload. A reader that finds a broken one looks for the
 * next whole one.
 */
final class Frames {
  /** Octets before the payload. */
  static final int HEAD = 10;

  /** The longest payload. */
  static final int LONGEST = 1 << 20;

  /** What a segment begins with; the last octet is the version of the framing. */
  static final byte[] MAGIC = {'G', 'P', 'J', 'R', 'N', 'L', 0, 1};

  private static final int MARK = 0xA5C3;

  private Frames() {}

  /** Writes the head of the record whose payload was written after {@link #HEAD} octets. */
  static void seal(Output out, int start) {
    byte[] bytes = out.array();
    int length = out.size() - start - HEAD;
    bytes[start] = (byte) (MARK >> 8);
    bytes[start + 1] = (byte) MARK;
    out.int32(start + 2, length);
    out.int32(start + 6, crc(bytes, start, length));
  }

  /** Where the record ends that was sealed at an offset. */
  static int next(Output out, int start) {
    return start + HEAD + Input.int32(out.array(), start + 2);
  }

  /** The length of the payload of the whole record that begins here, or -1. */
  static int whole(byte[] bytes, int at, int end) {
    if (end - at < HEAD
        || (bytes[at] & 255) != MARK >> 8
        || (bytes[at + 1] & 255) != (MARK & 255)) {
      return -1;
    }
    int length = Input.int32(bytes, at + 2);
    if (length <= 0 || length > LONGEST || length > end - at - HEAD) {
      return -1;
    }
    return Input.int32(bytes, at + 6) == crc(bytes, at, length) ? length : -1;
  }

  private static int crc(byte[] bytes, int start, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, start + 2, 4);
    crc.update(bytes, start + HEAD, length);
    return (int) crc.getValue();
  }

  /** Where the whole records of a segment end, so that a torn tail can be cut. */
  static int end(byte[] bytes, int size) {
    int at = MAGIC.length;
    int end = Math.min(at, size);
    while (at < size) {
      int length = whole(bytes, at, size);
      if (length < 0) {
        at++;
      } else {
        at += HEAD + length;
        end = at;
      }
    }
    return end;
  }
}
