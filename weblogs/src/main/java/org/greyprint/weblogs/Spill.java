// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A file for what does not fit into memory. It is made when it is first written to and has no name
 * from then on, so that nothing of it is left after whatever end.
 */
final class Spill implements Closeable {
  private final Path folder;
  private @Nullable FileChannel channel;
  private long size;

  Spill(Path folder) {
    this.folder = folder;
  }

  /** Appends; gives where that begins. */
  synchronized long append(ByteBuffer data) throws IOException {
    FileChannel to = channel();
    long at = size;
    try {
      while (data.hasRemaining()) {
        size += to.write(data, size);
      }
    } catch (IOException e) {
      throw new LogsException(
          folder
              + " can't take what does not fit into memory ("
              + e.getMessage()
              + "): give a folder with room",
          e);
    }
    return at;
  }

  private FileChannel channel() throws IOException {
    FileChannel open = channel;
    if (open == null) {
      try {
        Path path = Files.createTempFile(folder, "greyprint-merge", ".tmp");
        open = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
        Files.delete(path);
      } catch (IOException e) {
        throw new LogsException(
            folder + " can't be written to (" + e.getMessage() + "): give another folder", e);
      }
      channel = open;
    }
    return open;
  }

  /** Reads as much as there is room for. */
  void read(long from, ByteBuffer target) throws IOException {
    FileChannel open = channel;
    if (open == null) {
      throw new EOFException("nothing was spilled");
    }
    Content.readFully(open, from, target);
  }

  synchronized long size() {
    return size;
  }

  @Override
  public synchronized void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }
}
