// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import com.github.luben.zstd.ZstdInputStream;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** How a log is packed, told by its first octets and not by its name. */
enum Compression {
  NONE,
  GZIP,
  BZIP2,
  XZ,
  ZSTD;

  /** No packed log is told by more than its first six octets. */
  static final int HEAD = 6;

  private static final int BUFFER = 1 << 16;

  /** Most memory an xz stream may ask for: what {@code xz -9} needs is 65 MiB. */
  private static final int XZ_KIBIBYTES = 100 * 1024;

  /** What the first octets of a source say; fewer than {@link #HEAD} where it has no more. */
  static Compression of(byte[] head, int length) {
    if (length >= 2 && head[0] == 0x1f && head[1] == (byte) 0x8b) {
      return GZIP;
    }
    if (length >= 4 && head[0] == 'B' && head[1] == 'Z' && head[2] == 'h' && head[3] >= '1') {
      return BZIP2;
    }
    if (length >= 6
        && head[0] == (byte) 0xfd
        && head[1] == '7'
        && head[2] == 'z'
        && head[3] == 'X'
        && head[4] == 'Z'
        && head[5] == 0) {
      return XZ;
    }
    if (length >= 4
        && (head[0] & 0xff) == 0x28
        && (head[1] & 0xff) == 0xb5
        && (head[2] & 0xff) == 0x2f
        && (head[3] & 0xff) == 0xfd) {
      return ZSTD;
    }
    return NONE;
  }

  /** The stream unpacked. Several packed parts one after the other are all read, as gzip does. */
  InputStream unpack(InputStream in, String name) throws IOException {
    try {
      return switch (this) {
        case NONE -> in;
        // The JDK's own reader stops after the first part where the stream can't tell what is left.
        case GZIP -> new GzipCompressorInputStream(in, true);
        case BZIP2 -> new BZip2CompressorInputStream(in, true);
        case XZ -> new XZInputStream(in, XZ_KIBIBYTES);
        case ZSTD -> new ZstdInputStream(in).setContinuous(false);
      };
    } catch (IOException e) {
      in.close();
      throw new LogsException(name + " can't be unpacked (" + e.getMessage() + ")", e);
    }
  }

  /** Looks at the first octets, then gives the whole stream, unpacked where it is packed. */
  static InputStream unpacked(InputStream in, String name) throws IOException {
    byte[] head = in.readNBytes(HEAD);
    InputStream whole =
        new SequenceInputStream(new ByteArrayInputStream(Arrays.copyOf(head, head.length)), in);
    Compression compression = of(head, head.length);
    return compression == NONE
        ? whole
        : compression.unpack(new BufferedInputStream(whole, BUFFER), name);
  }
}
