// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/** A disk that stops for good at one of the things done to it; of a write half is done then. */
final class CutDisk implements Disk {
  /** It stopped here. */
  static final class Cut extends IOException {
    private static final long serialVersionUID = 1;
  }

  private final AtomicInteger left;

  /**
   * @param steps how many things are done before it stops
   */
  CutDisk(int steps) {
    left = new AtomicInteger(steps);
  }

  boolean isCut() {
    return left.get() < 0;
  }

  private void step() throws Cut {
    if (left.decrementAndGet() < 0) {
      throw new Cut();
    }
  }

  @Override
  public Appender append(Path path) throws IOException {
    step();
    Appender real = Disk.REAL.append(path);
    return new Appender() {
      @Override
      public void write(ByteBuffer data) throws IOException {
        int before = left.getAndDecrement();
        if (before == 0) {
          real.write(data.slice(data.position(), data.remaining() / 2));
        }
        if (before <= 0) {
          throw new Cut();
        }
        real.write(data);
      }

      @Override
      public void force() throws IOException {
        step();
      }

      @Override
      public long size() throws IOException {
        return real.size();
      }

      @Override
      public void close() throws IOException {
        real.close();
      }
    };
  }

  @Override
  public void truncate(Path path, long size) throws IOException {
    step();
    Disk.REAL.truncate(path, size);
  }

  @Override
  public void delete(Path path) throws IOException {
    step();
    Disk.REAL.delete(path);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step();
    Disk.REAL.rename(from, to);
  }

  @Override
  public void forceFolder(Path folder) throws IOException {
    step();
  }
}
