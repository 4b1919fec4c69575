// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Output that can be taken back: the end of a regular file that nobody else writes to meanwhile.
 */
final class Draft implements BlockWriter.Target {
  private static final Path OUT = Path.of("/proc/self/fd/1");
  private static final Path ERR = Path.of("/proc/self/fd/2");

  private final FileChannel channel;
  private final long start;
  private long written;

  Draft(FileChannel channel) throws IOException {
    this.channel = channel;
    start = channel.size();
  }

  /**
   * Standard output, where it is such a file and is written to at its end; standard error must not
   * be in it too, as that would be taken back with it. (The links are Linux's: see proc_pid_fd(5).)
   */
  static Optional<Draft> standardOutput(OutputStream out) throws IOException {
    if (!(out instanceof FileOutputStream file)
        || file.getFD() != FileDescriptor.out
        || !Files.isRegularFile(OUT)) {
      return Optional.empty();
    }
    FileChannel channel = file.getChannel();
    boolean alone = !Files.exists(ERR) || !FileKeys.of(OUT).equals(FileKeys.of(ERR));
    return alone && channel.position() == channel.size()
        ? Optional.of(new Draft(channel))
        : Optional.empty();
  }

  @Override
  public void write(ByteBuffer block) throws IOException {
    int end = block.limit();
    while (block.position() < end) {
      written += MergeRun.writeSome(channel, block, end);
    }
  }

  /** Takes back all that was written, so that the file is as it was. */
  void retract() throws IOException {
    if (channel.size() < start + written) {
      throw new LogsException("the output was cut short while it was written: run again");
    }
    if (channel.size() > start + written) {
      throw new LogsException(
          "another program writes to the output file: run again, with a file of its own");
    }
    channel.truncate(start);
    written = 0;
  }
}
