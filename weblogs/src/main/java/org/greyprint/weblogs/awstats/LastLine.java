// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The line LastLine of a history: date, number, offset and checksum of the last record read.
 *
 * <p>AWStats seeks to the offset in its log. Where the checksum is that of the line there, it goes
 * on behind it; otherwise it begins at the log's head and passes over all that is not newer than
 * the date, and so over records of the same second, and of requests that ended late.
 */
final class LastLine {
  private static final Pattern LINE = Pattern.compile("(?m)^LastLine (\\d+) .*$");
  private static final Pattern POSITION = Pattern.compile("(?m)^(POS_\\w+) (\\d+)( *)$");
  private static final int BLOCK = 1 << 16;

  private LastLine() {}

  /** AWStats' own checksum: octets, shifted by 0 to 32 bits in turn, added up. */
  static long checksum(byte[] line) {
    long sum = 0;
    int turn = 0;
    for (byte octet : line) {
      sum += (octet & 0xffL) << (8 * turn);
      turn = turn > 3 ? 0 : turn + 1;
    }
    return sum;
  }

  /**
   * Writes into a history that its log was read to an offset.
   *
   * @param end the offset behind the last line that was read
   */
  static void goOn(Path history, Path log, long end) throws IOException {
    String text = Files.readString(history, StandardCharsets.ISO_8859_1);
    Matcher line = LINE.matcher(text);
    if (end <= 0 || Files.size(log) < end || !line.find()) {
      return;
    }
    Tail tail = tail(log, end);
    if (tail.start() == 0) {
      // AWStats takes an offset of 0 for none.
      return;
    }
    String now =
        "LastLine "
            + line.group(1)
            + " "
            + tail.number()
            + " "
            + tail.start()
            + " "
            + tail.checksum();
    int shift = now.length() - line.group().length();
    int at = line.start();
    String changed = text.substring(0, at) + now + text.substring(line.end());
    Files.writeString(history, shifted(changed, at, shift), StandardCharsets.ISO_8859_1);
  }

  /** Keeps the offsets of sections right, and as many octets for them. */
  private static String shifted(String text, int at, int shift) {
    return POSITION
        .matcher(text)
        .replaceAll(found -> {
          long position = Long.parseLong(found.group(2));
          String digits = String.valueOf(position > at ? position + shift : position);
          int width = found.group(2).length() + found.group(3).length();
          return found.group(1) + " " + digits + " ".repeat(Math.max(0, width - digits.length()));
        });
  }

  private record Tail(long start, long number, long checksum) {}

  /** The last line before an offset, and the number of lines up to there. */
  private static Tail tail(Path log, long end) throws IOException {
    long start = 0;
    long number = 0;
    long at = 0;
    boolean fed = true;
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      ByteBuffer block = ByteBuffer.allocate(BLOCK);
      while (at < end) {
        block.clear().limit((int) Math.min(BLOCK, end - at));
        int read = channel.read(block, at);
        if (read <= 0) {
          throw new IOException(log + " became shorter");
        }
        for (int i = 0; i < read; i++) {
          if (fed) {
            start = at + i;
            number++;
          }
          fed = block.get(i) == '\n';
        }
        at += read;
      }
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (long from = start; from < end; ) {
        block.clear().limit((int) Math.min(BLOCK, end - from));
        int read = channel.read(block, from);
        if (read <= 0) {
          throw new IOException(log + " became shorter");
        }
        line.write(block.array(), 0, read);
        from += read;
      }
      return new Tail(start, number, checksum(withoutEnd(line.toByteArray())));
    }
  }

  private static byte[] withoutEnd(byte[] line) {
    int length = line.length;
    if (length > 0 && line[length - 1] == '\n') {
      length--;
    }
    if (length > 0 && line[length - 1] == '\r') {
      length--;
    }
    return java.util.Arrays.copyOf(line, length);
  }
}
