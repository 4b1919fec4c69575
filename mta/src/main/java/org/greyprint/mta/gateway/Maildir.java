// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Maildir: each message is a file, written in {@code tmp}, synced, moved to {@code new}, and the
 * folder synced, before it is acknowledged. Lines end with LF there, as mail readers on Unix expect
 * it. File names are unique (time, process, count, host).
 *
 * <p>Source: D. J. Bernstein, "Using maildir format".
 */
final class Maildir {
  private static final Logger LOG = LoggerFactory.getLogger(Maildir.class);
  private static final int HIGH = 256 << 10;
  private static final int LOW = 64 << 10;
  private static final Duration STALE = Duration.ofHours(36);
  private static final AtomicLong COUNT = new AtomicLong();

  private final Path folder;
  private final String host;
  private final InstantSource clock;

  private Maildir(Path folder, String host, InstantSource clock) {
    this.folder = folder;
    this.host = host;
    this.clock = clock;
  }

  /**
   * Opens a Maildir, and makes its folders where they are missing; removes files older than 36
   * hours from {@code tmp}, which deliveries that broke off left there.
   *
   * @throws IOException if the folders cannot be made or written
   */
  static Maildir open(Path folder, String host, InstantSource clock) throws IOException {
    for (String part : new String[] {"tmp", "new", "cur"}) {
      Files.createDirectories(
          folder.resolve(part),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    if (!Files.isWritable(folder.resolve("tmp")) || !Files.isWritable(folder.resolve("new"))) {
      throw new IOException("cannot write to the Maildir " + folder);
    }
    Instant stale = clock.instant().minus(STALE);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(folder.resolve("tmp"))) {
      for (Path file : left) {
        if (Files.getLastModifiedTime(file).toInstant().isBefore(stale)) {
          Files.deleteIfExists(file);
        }
      }
    }
    return new Maildir(folder, host.replaceAll("[/:,]", "_"), clock);
  }

  /**
   * Begins a delivery.
   *
   * @param writable is called, on any thread, when a delivery that could take no more can again
   */
  Delivery start(Runnable writable) {
    Delivery delivery = new Delivery(writable);
    Thread.ofVirtual().name("maildir").start(delivery::run);
    return delivery;
  }

  private String name() {
    Instant now = clock.instant();
    return String.format(
        Locale.ROOT,
        "%d.M%06dP%dQ%d.%s",
        now.getEpochSecond(),
        now.getNano() / 1000,
        ProcessHandle.current().pid(),
        COUNT.incrementAndGet(),
        host);
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** One message on its way to the disk; files are written by a thread of its own. */
  final class Delivery {
    private sealed interface Step {
      record Part(ByteBuf wire) implements Step {}

      record End(Consumer<Reply> then) implements Step {}

      record Abort() implements Step {}
    }

    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final Runnable onWritable;
    private final ByteBuffer block = ByteBuffer.allocate(32 << 10);
    private boolean lineStart = true;
    private @Nullable FileChannel file;

    private Delivery(Runnable onWritable) {
      this.onWritable = onWritable;
    }

    /** Takes a part, dots doubled; it is released when it is written. */
    void write(ByteBuf wire) {
      waiting.addAndGet(wire.readableBytes());
      steps.add(new Step.Part(wire));
    }

    boolean writable() {
      return waiting.get() < HIGH;
    }

    /** Makes it durable, then tells so, on any thread. */
    void end(Consumer<Reply> then) {
      steps.add(new Step.End(then));
    }

    void abort() {
      steps.add(new Step.Abort());
    }

    private void run() {
      Path temporary = folder.resolve("tmp").resolve(name());
      Optional<IOException> failure = Optional.empty();
      while (true) {
        Step step;
        try {
          step = steps.take();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return;
        }
        try {
          switch (step) {
            case Step.Part(ByteBuf wire) -> {
              try {
                if (failure.isEmpty()) {
                  take(temporary, wire);
                }
              } finally {
                release(wire);
              }
            }
            case Step.End(Consumer<Reply> then) -> {
              then.accept(finish(temporary, failure));
              return;
            }
            case Step.Abort ignored -> {
              drop(temporary);
              return;
            }
          }
        } catch (IOException e) {
          failure = Optional.of(e);
          drop(temporary);
        }
      }
    }

    private void release(ByteBuf wire) {
      int size = wire.readableBytes();
      wire.release();
      int before = waiting.getAndAdd(-size);
      if (before >= LOW && before - size < LOW) {
        onWritable.run();
      }
    }

    private Reply finish(Path temporary, Optional<IOException> failure) {
      IOException problem;
      if (failure.isPresent()) {
        problem = failure.get();
      } else {
        try {
          keep(temporary);
          return Reply.of(250, "2.0.0 Ok, kept in the Maildir");
        } catch (IOException e) {
          problem = e;
          drop(temporary);
        }
      }
      LOG.error("a message could not be kept in {}: {}", folder, problem.toString());
      boolean full =
          String.valueOf(problem.getMessage()).contains("No space left")
              || String.valueOf(problem.getMessage()).contains("quota");
      return full
          ? Reply.of(452, "4.3.1 No space left, try again later")
          : Reply.of(451, "4.3.0 The message could not be kept, try again later");
    }

    private void keep(Path temporary) throws IOException {
      FileChannel open = file(temporary);
      write(open);
      open.force(true);
      open.close();
      Path kept = folder.resolve("new").resolve(temporary.getFileName());
      Files.move(temporary, kept, StandardCopyOption.ATOMIC_MOVE);
      try {
        sync(folder.resolve("new"));
      } catch (IOException e) {
        Files.deleteIfExists(kept);
        throw e;
      }
    }

    private FileChannel file(Path temporary) throws IOException {
      FileChannel open = file;
      if (open == null) {
        open =
            FileChannel.open(
                temporary,
                java.util.Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        file = open;
      }
      return open;
    }

    /** Lines end by CRLF only here, so a CR always goes, and a dot after LF is a doubled one. */
    private void take(Path temporary, ByteBuf wire) throws IOException {
      FileChannel open = file(temporary);
      for (int at = wire.readerIndex(); at < wire.writerIndex(); at++) {
        byte b = wire.getByte(at);
        if (b == '\r' || (b == '.' && lineStart)) {
          lineStart = false;
          continue;
        }
        lineStart = b == '\n';
        block.put(b);
        if (!block.hasRemaining()) {
          write(open);
        }
      }
    }

    private void write(FileChannel open) throws IOException {
      block.flip();
      while (block.hasRemaining()) {
        open.write(block);
      }
      block.clear();
    }

    private void drop(Path temporary) {
      try {
        if (file != null) {
          file.close();
        }
        Files.deleteIfExists(temporary);
      } catch (IOException e) {
        LOG.warn("{} could not be removed: {}", temporary, e.toString());
      }
    }
  }
}
