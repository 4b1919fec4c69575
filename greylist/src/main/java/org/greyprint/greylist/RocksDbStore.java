// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.StampedLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store in a folder of its own, kept by RocksDB.
 *
 * <p>All changes are made by one thread, which takes whatever has come since the last time, makes
 * it one write, waits until that is on the disk, and then has all of it answered: many changes
 * share one sync, and a change that was answered survives any end of the process or the machine.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * A store that cannot be used (its folder is gone, the disk is full or read-only, another process
 * has it open) is logged once (ERROR), and is opened again as soon as that works, with pauses of
 * 0.1 to 5 seconds. A damaged one is moved aside ({@code FOLDER.damaged-TIME}, the latest two are
 * kept), and a new one is begun (ERROR). One that a newer Greyprint wrote is refused and left
 * alone.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@link RocksDbSettings}.
 */
public final class RocksDbStore implements Store {
  private static final Logger LOG = LoggerFactory.getLogger(RocksDbStore.class);
  private static final int MOST_AT_ONCE = 1024;
  private static final String CLOSED = "the store is closed";
  private static final long FIRST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private final Path folder;
  private final RocksDbSettings settings;
  private final Migrations migrations;
  private final boolean readOnly;
  private final Gathering<StoreJob<?>> jobs;
  private final StampedLock inUse = new StampedLock();
  private final Thread writer;
  private final LongAdder writes = new LongAdder();
  private final LongAdder syncs = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder reopened = new LongAdder();
  private final LongAdder damaged = new LongAdder();
  private volatile @Nullable RocksFiles files;
  private volatile @Nullable String trouble;
  private volatile boolean closed;
  private volatile long generation;
  private long pause = FIRST_PAUSE_NANOS;
  private long nextTry;

  private RocksDbStore(
      Path folder, RocksDbSettings settings, Migrations migrations, boolean readOnly)
      throws StoreRefused {
    this.folder = folder.toAbsolutePath().normalize();
    this.settings = settings;
    this.migrations = migrations;
    this.readOnly = readOnly;
    this.jobs = new Gathering<>(settings.queue(), MOST_AT_ONCE);
    this.writer = Thread.ofPlatform().name("greylist-store").daemon().unstarted(this::run);
    tryOpen();
    writer.start();
  }

  /**
   * Opens the store in this folder, or makes it. Trouble is no failure: the store then comes as
   * soon as it can be opened, and fails whatever is asked of it until then.
   *
   * @throws StoreRefused if a newer Greyprint wrote it
   */
  public static RocksDbStore open(Path folder) throws StoreRefused {
    return open(folder, RocksDbSettings.DEFAULT);
  }

  /**
   * Opens the store in this folder, like {@link #open(Path)}.
   *
   * @throws StoreRefused if a newer Greyprint wrote it
   */
  public static RocksDbStore open(Path folder, RocksDbSettings settings) throws StoreRefused {
    return new RocksDbStore(folder, settings, Migrations.PRESENT, false);
  }

  /**
   * Opens what is there now to look at it, also while another process is writing to it; later
   * changes are not seen.
   *
   * @throws StoreRefused if it is of another version
   */
  public static RocksDbStore openReadOnly(Path folder) throws StoreRefused {
    return new RocksDbStore(folder, RocksDbSettings.DEFAULT, Migrations.PRESENT, true);
  }

  /** For tests of other versions. */
  static RocksDbStore open(Path folder, RocksDbSettings settings, Migrations migrations)
      throws StoreRefused {
    return new RocksDbStore(folder, settings, migrations, false);
  }

  private void run() {
    List<StoreJob<?>> batch = new ArrayList<>();
    while (!closed) {
      try {
        jobs.take(batch, 100, TimeUnit.MILLISECONDS);
        RocksFiles open = usable();
        if (!batch.isEmpty()) {
          if (open == null) {
            fail(batch, unusable());
          } else {
            write(open, batch);
          }
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        closed = true;
        fail(batch, new IOException(CLOSED));
      } catch (RuntimeException | Error e) {
        LOG.error("the store's writer failed", e);
        fail(batch, new IOException("the store's writer failed: " + e, e));
      }
      batch.clear();
    }
    jobs.drainTo(batch);
    fail(batch, new IOException(CLOSED));
  }

  private void write(RocksFiles open, List<StoreJob<?>> batch) {
    List<StoreJob<?>> ran = new ArrayList<>(batch.size());
    try {
      StoreBatch changes = new StoreBatch(open);
      for (StoreJob<?> job : batch) {
        if (job.run(changes)) {
          ran.add(job);
          changes.keep();
        } else {
          changes.drop();
        }
      }
      long nanos = 0;
      if (!changes.changes().isEmpty()) {
        long from = System.nanoTime();
        open.write(changes.changes());
        nanos = System.nanoTime() - from;
        writes.add(changes.changes().size());
        syncs.increment();
      }
      jobs.wrote(nanos, ran.size());
    } catch (RocksDBException | IOException e) {
      IOException cause = lost(e);
      fail(batch, cause);
      return;
    }
    // By this thread, though the next write could begin meanwhile: to wake another takes longer.
    AnswerBatch.answering(() -> ran.forEach(StoreJob::done));
  }

  private void fail(List<StoreJob<?>> batch, IOException cause) {
    for (StoreJob<?> job : batch) {
      job.promise.completeExceptionally(cause);
    }
  }

  /** The open files if they can be used; tries to open them when it is time. Writer only. */
  private @Nullable RocksFiles usable() {
    RocksFiles open = files;
    if (open != null && !readOnly && !open.present()) {
      lost(new IOException("its folder is gone"));
      open = null;
    }
    if (open == null && trouble != null && System.nanoTime() - nextTry >= 0) {
      try {
        tryOpen();
      } catch (StoreRefused e) {
        trouble(String.valueOf(e.getMessage()));
      }
      open = files;
    }
    return open;
  }

  private IOException unusable() {
    return new IOException(folder + ": " + trouble);
  }

  /** Closes files that failed; they are opened again soon. Writer only. */
  private IOException lost(Exception e) {
    failures.increment();
    boolean bad = damage(e);
    trouble(String.valueOf(e.getMessage()));
    closeFiles();
    if (bad) {
      setAside(String.valueOf(e.getMessage()));
    }
    nextTry = System.nanoTime();
    return new IOException(folder + ": " + e.getMessage(), e);
  }

  private void closeFiles() {
    long stamp = inUse.writeLock();
    try {
      RocksFiles open = files;
      files = null;
      if (open != null) {
        open.close();
      }
    } finally {
      inUse.unlockWrite(stamp);
    }
  }

  private void trouble(String what) {
    if (trouble == null) {
      LOG.error("the store {} cannot be used: {} (logged once, tried again)", folder, what);
    }
    trouble = what;
  }

  private static boolean damage(Exception e) {
    return e instanceof RocksFiles.Damaged || e instanceof RocksDBException r && Damage.is(r);
  }

  private void setAside(String why) {
    if (readOnly) {
      return;
    }
    try {
      Path moved = Damage.setAside(folder);
      damaged.increment();
      LOG.error(
          "the store {} is damaged ({}); it was moved to {}, and a new one is begun",
          folder,
          why,
          moved);
    } catch (IOException e) {
      trouble("it is damaged (" + why + ") and cannot be moved aside: " + e.getMessage());
    }
  }

  private void tryOpen() throws StoreRefused {
    try {
      boolean again = trouble != null;
      boolean fresh = !RocksDbStore.exists(folder);
      RocksFiles open;
      try {
        open = RocksFiles.open(folder, settings, migrations, readOnly);
      } catch (RocksDBException | RocksFiles.Damaged e) {
        if (!damage(e) || readOnly) {
          throw e;
        }
        setAside(String.valueOf(e.getMessage()));
        fresh = true;
        open = RocksFiles.open(folder, settings, migrations, false);
      }
      files = open;
      if (fresh) {
        generation++;
      }
      if (again) {
        reopened.increment();
        LOG.info("the store {} can be used again", folder);
      }
      trouble = null;
      pause = FIRST_PAUSE_NANOS;
    } catch (StoreRefused e) {
      throw e;
    } catch (RocksDBException | IOException | LinkageError | RuntimeException e) {
      trouble(String.valueOf(e.getMessage()));
      nextTry = System.nanoTime() + pause;
      pause = Math.min(pause * 2, settings.longestPause().toNanos());
    }
  }

  private static boolean exists(Path folder) {
    return java.nio.file.Files.exists(folder.resolve("CURRENT"));
  }

  private interface Use<T> {
    T with(RocksFiles open) throws RocksDBException, IOException;
  }

  /** Uses the files while nobody can close them. */
  private <T> T use(Use<T> use) throws IOException {
    long stamp = inUse.readLock();
    try {
      RocksFiles open = files;
      if (open == null) {
        throw unusable();
      }
      return use.with(open);
    } catch (RocksDBException e) {
      throw new IOException(folder + ": " + e.getMessage(), e);
    } finally {
      inUse.unlockRead(stamp);
    }
  }

  private <T> CompletableFuture<T> stage(Use<T> use) {
    try {
      return CompletableFuture.completedFuture(use(use));
    } catch (IOException e) {
      check(e);
      return CompletableFuture.failedFuture(e);
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /** A failed read is looked into by the writer, which may close the files. */
  private void check(IOException e) {
    if (e.getCause() instanceof RocksDBException || e instanceof RocksFiles.Damaged) {
      StoreJob<Boolean> job =
          new StoreJob<>(transaction -> {
            throw new StoreBatch.Unusable(e);
          });
      if (!jobs.offer(job)) {
        failures.increment();
      }
    }
  }

  @Override
  public <T> CompletionStage<T> read(Function<View, T> reader) {
    return stage(open -> looked(reader, new StoreBatch.Reading(open)));
  }

  @Override
  public <T> CompletionStage<T> update(Function<Transaction, T> change) {
    StoreJob<T> job = new StoreJob<>(change);
    if (closed) {
      job.promise.completeExceptionally(new IOException(CLOSED));
    } else if (readOnly) {
      job.promise.completeExceptionally(
          new IOException(folder + ": the store is open for reading only"));
    } else if (files == null) {
      job.promise.completeExceptionally(unusable());
    } else if (!jobs.offer(job)) {
      failures.increment();
      job.promise.completeExceptionally(
          new IOException(folder + ": " + settings.queue() + " changes wait already"));
    } else if (closed && jobs.remove(job)) {
      // It came after the writer had looked for the last time.
      job.promise.completeExceptionally(new IOException(CLOSED));
    }
    return job.promise;
  }

  @Override
  public <T> CompletionStage<T> amend(Function<View, T> look, Function<T, List<Change>> changes) {
    CompletableFuture<Looked<T>> stage =
        stage(open -> {
          StoreBatch.Traced view = new StoreBatch.Traced(open);
          return new Looked<>(view, looked(look, view));
        });
    if (stage.isCompletedExceptionally()) {
      return stage.thenApply(Looked::seen);
    }
    Looked<T> looked = stage.join();
    if (changes.apply(looked.seen).isEmpty()) {
      return CompletableFuture.completedFuture(looked.seen);
    }
    return update(transaction -> {
      // As a rule nothing was written there meanwhile, and it need not be looked at again.
      T now = ((StoreBatch) transaction).holds(looked.view) ? looked.seen : look.apply(transaction);
      transaction.make(changes.apply(now));
      return now;
    });
  }

  /** What was seen, and what was read for it. */
  private record Looked<T>(StoreBatch.Traced view, T seen) {}

  private static <T> T looked(Function<View, T> look, View view) throws IOException {
    try {
      return look.apply(view);
    } catch (StoreBatch.Unusable e) {
      throw e.why;
    }
  }

  @Override
  public CompletionStage<List<Named>> scan(Space space, String after, int most) {
    return stage(open -> open.scan(space, after, most));
  }

  @Override
  public CompletionStage<Swept> sweep(Instant now, int most) {
    List<StoreBatch.Key> gone = new ArrayList<>();
    return stage(
            open -> {
              synchronized (open) {
                return open.expired(now, most, gone);
              }
            })
        .thenCompose(examined -> {
          boolean round = examined < most;
          if (gone.isEmpty()) {
            return CompletableFuture.completedFuture(new Swept(examined, 0, round));
          }
          return update(transaction -> {
            int removed = 0;
            for (StoreBatch.Key key : gone) {
              Optional<Value> still = transaction.get(key.space(), key.name());
              if (still.isPresent() && still.get().expires().isBefore(now)) {
                transaction.remove(key.space(), key.name());
                removed++;
              }
            }
            return new Swept(examined, removed, round);
          });
        });
  }

  @Override
  public void snapshot(Path target) throws IOException {
    use(open -> {
      open.snapshot(target.toAbsolutePath());
      return true;
    });
  }

  @Override
  public long generation() {
    return generation;
  }

  @Override
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  @Override
  public Map<String, Long> figures() {
    Map<String, Long> all = new LinkedHashMap<>();
    all.put("writes", writes.sum());
    all.put("syncs", syncs.sum());
    all.put("failures", failures.sum());
    all.put("reopened", reopened.sum());
    all.put("damaged", damaged.sum());
    all.put("waiting", (long) jobs.size());
    Map<String, String> properties = new LinkedHashMap<>();
    properties.put("records", "rocksdb.estimate-num-keys");
    properties.put("table-octets", "rocksdb.total-sst-files-size");
    properties.put("memtable-octets", "rocksdb.cur-size-all-mem-tables");
    properties.put("cache-octets", "rocksdb.block-cache-usage");
    properties.put("reader-octets", "rocksdb.estimate-table-readers-mem");
    try {
      use(open -> {
        properties.forEach((name, property) -> all.put(name, open.figure(property)));
        return true;
      });
    } catch (IOException e) {
      properties.keySet().forEach(name -> all.put(name, 0L));
    }
    return all;
  }

  @Override
  public void close() {
    closed = true;
    try {
      writer.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    closeFiles();
  }
}
