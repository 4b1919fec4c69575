// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.greyprint.greylist.Store.Named;
import org.greyprint.greylist.Store.Space;
import org.greyprint.greylist.Store.Value;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * An open RocksDB database. A record's key is a letter for its space and the name; its value is the
 * time it expires (four octets) and the bytes. The key {@code v} holds the version of all this.
 */
final class RocksFiles implements AutoCloseable {
  /** The version that is written. */
  static final int VERSION = 1;

  private static final byte[] VERSION_KEY = {'v'};
  private static final byte[] LETTERS = {'t', 'c', 'w', 'e'};

  static {
    RocksDB.loadLibrary();
  }

  private final Path current;
  private final Options options;
  private final Cache cache;
  private final BloomFilter filter;
  private final WriteOptions durable = new WriteOptions().setSync(true);
  private final ReadOptions once = new ReadOptions().setFillCache(false);
  private final WriteBatch batch = new WriteBatch();
  private final WriteCounts writes = new WriteCounts();
  private final RocksDB db;
  private byte[] sweepFrom = {LETTERS[0]};

  private RocksFiles(Path folder, RocksDbSettings settings, boolean readOnly)
      throws RocksDBException {
    this.current = folder.resolve("CURRENT");
    this.cache = new LRUCache(settings.cacheBytes(), 2);
    this.filter = new BloomFilter(10, false);
    this.options =
        new Options()
            .setCreateIfMissing(!readOnly)
            .setWriteBufferSize(settings.writeBufferBytes())
            .setMaxWriteBufferNumber(2)
            .setMaxTotalWalSize(settings.walBytes())
            .setMemtablePrefixBloomSizeRatio(0.05)
            .setMemtableWholeKeyFiltering(true)
            .setMaxOpenFiles(128)
            .setMaxBackgroundJobs(2)
            .setBytesPerSync(1 << 20)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTargetFileSizeBase(16L << 20)
            .setMaxBytesForLevelBase(64L << 20)
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
            // To write over an old log changes neither its length nor its blocks, so that a sync
            // writes what is new and nothing of the file system's.
            .setRecycleLogFileNum(2)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(2)
            .setMaxLogFileSize(1 << 20)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(cache)
                    .setBlockSize(8192)
                    .setFilterPolicy(filter)
                    .setCacheIndexAndFilterBlocks(true)
                    .setPinL0FilterAndIndexBlocksInCache(true));
    RocksDB opened = null;
    try {
      opened =
          readOnly
              ? RocksDB.openReadOnly(options, folder.toString())
              : RocksDB.open(options, folder.toString());
    } finally {
      if (opened == null) {
        closeOptions();
      }
    }
    this.db = opened;
  }

  /**
   * Opens or makes a database, and brings an older one to this version.
   *
   * @throws RocksDBException if RocksDB cannot
   * @throws StoreRefused if it is newer
   * @throws IOException if its version cannot be told
   */
  static RocksFiles open(
      Path folder, RocksDbSettings settings, Migrations migrations, boolean readOnly)
      throws RocksDBException, IOException {
    if (!readOnly) {
      Files.createDirectories(folder);
    }
    EndlessLogs.check(folder);
    RocksFiles files = new RocksFiles(folder, settings, readOnly);
    try {
      migrations.apply(files, readOnly);
      return files;
    } catch (RocksDBException | IOException | RuntimeException e) {
      files.close();
      throw e;
    }
  }

  /** The version the files have; empty for new ones. */
  Optional<Integer> version() throws RocksDBException, Damaged {
    byte[] value = db.get(VERSION_KEY);
    if (value == null) {
      try (RocksIterator all = db.newIterator(once)) {
        all.seekToFirst();
        all.status();
        if (all.isValid()) {
          throw new Damaged("it has records but no version");
        }
      }
      return Optional.empty();
    }
    String text = new String(value, StandardCharsets.US_ASCII);
    if (!text.matches("[1-9]\\d{0,5}")) {
      throw new Damaged("its version is '" + text + "'");
    }
    return Optional.of(Integer.valueOf(text));
  }

  void version(int version) throws RocksDBException {
    db.put(durable, VERSION_KEY, Integer.toString(version).getBytes(StandardCharsets.US_ASCII));
  }

  /** Whether its folder is still where it was: RocksDB would write on to removed files. */
  boolean present() {
    return Files.exists(current);
  }

  static byte[] key(Space space, String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] key = new byte[text.length + 1];
    key[0] = LETTERS[space.ordinal()];
    System.arraycopy(text, 0, key, 1, text.length);
    return key;
  }

  private static String name(byte[] key) {
    return new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
  }

  private static Value value(byte[] stored) throws Damaged {
    if (stored.length < 4) {
      throw new Damaged("a record is too short");
    }
    byte[] bytes = new byte[stored.length - 4];
    System.arraycopy(stored, 4, bytes, 0, bytes.length);
    return new Value(bytes, Seconds.time(ByteBuffer.wrap(stored).getInt()));
  }

  /** How often the key was written; to be taken before it is read. */
  int writes(StoreBatch.Key key) {
    return writes.of(key);
  }

  Optional<Value> get(StoreBatch.Key key) throws RocksDBException, Damaged {
    byte[] bytes = key(key.space(), key.name());
    // Asked first because to get what is not there throws and catches an exception in RocksDB's
    // binding, which takes several times as long as the search. It looks at memory only, and says
    // yes where that does not settle it. The value that it can give with its yes is not to be
    // trusted: where a table's index is not in memory, it is an empty one.
    byte[] stored = db.keyMayExist(bytes, null) ? db.get(bytes) : null;
    return stored == null ? Optional.empty() : Optional.of(value(stored));
  }

  /** Writes changes; they are on the disk when this returns. One thread only. */
  void write(Map<StoreBatch.Key, Optional<Value>> changes) throws RocksDBException {
    batch.clear();
    for (Map.Entry<StoreBatch.Key, Optional<Value>> change : changes.entrySet()) {
      byte[] key = key(change.getKey().space(), change.getKey().name());
      if (change.getValue().isPresent()) {
        Value value = change.getValue().get();
        byte[] stored = new byte[value.bytes().length + 4];
        ByteBuffer.wrap(stored).putInt(Seconds.of(value.expires())).put(value.bytes());
        batch.put(key, stored);
      } else {
        batch.delete(key);
      }
    }
    db.write(durable, batch);
    changes.keySet().forEach(writes::written);
  }

  List<Named> scan(Space space, String after, int most) throws RocksDBException, Damaged {
    List<Named> found = new ArrayList<>();
    byte[] from = key(space, after);
    try (RocksIterator each = db.newIterator(once)) {
      each.seek(from);
      for (; each.isValid() && found.size() < most; each.next()) {
        byte[] key = each.key();
        if (key[0] != from[0]) {
          break;
        }
        String name = name(key);
        if (!name.equals(after)) {
          found.add(new Named(name, value(each.value())));
        }
      }
      each.status();
    }
    return found;
  }

  /**
   * Looks at the next records for those that have expired.
   *
   * @param gone gets them
   * @return how many were looked at; fewer than asked for at the end, and then begins anew
   */
  int expired(Instant now, int most, List<StoreBatch.Key> gone) throws RocksDBException, Damaged {
    int examined = 0;
    byte @Nullable [] last = null;
    try (RocksIterator each = db.newIterator(once)) {
      each.seek(sweepFrom);
      for (; each.isValid() && examined < most; each.next()) {
        byte[] key = each.key();
        last = key;
        examined++;
        for (Space space : Space.values()) {
          if (key[0] == LETTERS[space.ordinal()] && value(each.value()).expires().isBefore(now)) {
            gone.add(new StoreBatch.Key(space, name(key)));
          }
        }
      }
      each.status();
      if (examined < most || last == null) {
        sweepFrom = new byte[] {0};
      } else {
        sweepFrom = java.util.Arrays.copyOf(last, last.length + 1);
      }
    }
    return examined;
  }

  /** A consistent copy in a new folder; tables are linked where the disk is the same. */
  void snapshot(Path target) throws RocksDBException {
    try (Checkpoint checkpoint = Checkpoint.create(db)) {
      checkpoint.createCheckpoint(target.toString());
    }
  }

  long figure(String property) {
    try {
      return db.getLongProperty(property);
    } catch (RocksDBException e) {
      return -1;
    }
  }

  @Override
  public void close() {
    batch.close();
    durable.close();
    once.close();
    db.close();
    closeOptions();
  }

  private void closeOptions() {
    options.close();
    filter.close();
    cache.close();
  }

  /** The files are not what they should be. */
  static final class Damaged extends IOException {
    private static final long serialVersionUID = 1;

    Damaged(String message) {
      super(message);
    }
  }
}
