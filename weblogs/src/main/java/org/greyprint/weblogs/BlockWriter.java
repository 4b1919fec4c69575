// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Gathers lines into large blocks, which a thread of its own writes while the next are gathered.
 */
final class BlockWriter implements Closeable {
  private static final int BLOCK = 1 << 20;
  private static final int BLOCKS = 3;

  /** Where blocks go. */
  interface Target {
    /** Writes all that remains in the block. */
    void write(ByteBuffer block) throws IOException;
  }

  private record Block(ByteBuffer octets, int length) {}

  private final Target target;
  private final BlockingQueue<Block> full = new ArrayBlockingQueue<>(BLOCKS);
  private final BlockingQueue<ByteBuffer> empty = new ArrayBlockingQueue<>(BLOCKS);
  private final Thread thread;
  private volatile @Nullable Throwable failure;
  private ByteBuffer block = ByteBuffer.allocateDirect(BLOCK);
  private int filled;
  private boolean ended;

  BlockWriter(Target target) {
    this.target = target;
    for (int i = 1; i < BLOCKS; i++) {
      empty.add(ByteBuffer.allocateDirect(BLOCK));
    }
    thread = Thread.ofPlatform().name("merge-writer").daemon().start(this::write);
  }

  private void write() {
    try {
      while (true) {
        Block next = full.take();
        if (next.length == 0) {
          return;
        }
        // After a failure blocks are taken and given back, so that nobody waits for ever.
        if (failure == null) {
          writeOne(next);
        }
        empty.put(next.octets.clear());
      }
    } catch (InterruptedException e) {
      failure = e;
      Thread.currentThread().interrupt();
    }
  }

  private void writeOne(Block next) {
    try {
      target.write(next.octets.clear().limit(next.length));
    } catch (IOException | RuntimeException | Error e) {
      failure = e;
    }
  }

  void add(byte[] data, int offset, int length) throws IOException {
    if (length > BLOCK - filled) {
      pass();
    }
    block.put(filled, data, offset, length);
    filled += length;
  }

  void add(ByteBuffer data, int offset, int length) throws IOException {
    if (length > BLOCK - filled) {
      pass();
    }
    block.put(filled, data, offset, length);
    filled += length;
  }

  private void pass() throws IOException {
    check();
    try {
      full.put(new Block(block, filled));
      block = empty.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    filled = 0;
  }

  private void check() throws IOException {
    Throwable failed = failure;
    if (failed != null) {
      throw Failures.of(failed, "the writer was stopped");
    }
  }

  /** Writes all there is and waits until it is written. */
  void end() throws IOException {
    if (filled > 0) {
      pass();
    }
    stop();
    check();
  }

  private void stop() throws IOException {
    ended = true;
    try {
      full.put(new Block(block, 0));
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    if (!ended) {
      stop();
    }
  }
}
