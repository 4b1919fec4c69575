// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/**
 * Finds the one kind of damage that RocksDB does not report but reads for ever (10.4.2, {@code
 * log_reader.cc}, {@code ReadPhysicalRecord}): in a log or a manifest that did not begin with a
 * record for files that are written over, a later record whose type says it is one. It is neither
 * taken nor passed over; one wrong octet is enough, since the type is looked at before the
 * checksum.
 *
 * <p>The format: blocks of 32 KiB; records of a masked CRC-32C (4 octets), a length (2), a type
 * (1), for files that are written over the log's number (4), and the data, all little-endian
 * ({@code log_format.h}).
 */
final class EndlessLogs {
  private static final int BLOCK = 32_768;
  private static final int HEADER = 7;
  private static final int FULL = 1;
  private static final int LAST = 4;

  /** What RocksDB adds to a checksum that it stores ({@code crc32c.h}). */
  private static final int MASK = 0xA282EAD8;

  private EndlessLogs() {}

  /**
   * Looks at a database that is not open.
   *
   * @throws RocksFiles.Damaged if RocksDB would never finish opening it
   * @throws IOException if its files cannot be read
   */
  static void check(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> logs;
    try (Stream<Path> all = Files.list(folder)) {
      logs = all.filter(EndlessLogs::isRead).toList();
    }
    for (Path log : logs) {
      if (!beginsForWrittenOver(log) && endless(Files.readAllBytes(log))) {
        throw new RocksFiles.Damaged(log.getFileName() + " has a record of another kind of log");
      }
    }
  }

  private static boolean isRead(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("MANIFEST-") || name.endsWith(".log");
  }

  /** As the store's own logs do; such a file always has an end. */
  private static boolean beginsForWrittenOver(Path log) throws IOException {
    try (InputStream in = Files.newInputStream(log)) {
      byte[] header = in.readNBytes(HEADER);
      return header.length == HEADER && forWrittenOver(header[HEADER - 1] & 0xFF);
    }
  }

  /** Goes through a file as RocksDB does, and says whether it would come to no end. */
  static boolean endless(byte[] file) {
    boolean whole = false;
    boolean bad = false;
    ByteBuffer octets = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    for (int block = 0; block < file.length; block += BLOCK) {
      int end = Math.min(file.length, block + BLOCK);
      int at = block;
      while (end - at >= HEADER) {
        int length = octets.getShort(at + 4) & 0xFFFF;
        int type = octets.get(at + 6) & 0xFF;
        if (forWrittenOver(type)) {
          // After a first one all others are taken or end it.
          return whole;
        }
        if (HEADER + length > end - at
            || type == 0 && length == 0
            || octets.getInt(at) != checksum(file, at + 6, length + 1)) {
          bad = true;
          break;
        }
        if (type == FULL || type == LAST) {
          if (bad) {
            return false;
          }
          whole = true;
        }
        at += HEADER + length;
      }
    }
    return false;
  }

  private static boolean forWrittenOver(int type) {
    return type >= 5 && type <= 8 || type == 11 || type == 131;
  }

  private static int checksum(byte[] file, int from, int length) {
    CRC32C crc = new CRC32C();
    crc.update(file, from, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }
}
