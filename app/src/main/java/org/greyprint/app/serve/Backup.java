// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.greyprint.app.Failure;
import org.greyprint.app.config.Configuration;
import org.greyprint.greylist.RocksDbStore;
import org.greyprint.greylist.Store;

/**
 * All state in one tar archive: {@code greyprint-backup} (its version), {@code greylist/} (a
 * consistent snapshot of the store) and {@code journal/}. Mail in a Maildir and the token are not
 * part of it. {@code greyprint-end} is last; without it the archive is not whole.
 */
public final class Backup {
  private static final String FIRST = "greyprint-backup";
  private static final String LAST = "greyprint-end";
  private static final String VERSION = "1\n";
  private static final String GREYLIST = "greylist";
  private static final String JOURNAL = "journal";
  private static final Pattern MEMBER =
      Pattern.compile("(greylist|journal)/[A-Za-z0-9_-][A-Za-z0-9._-]{0,200}");

  private Backup() {}

  /**
   * Writes the archive while everything goes on.
   *
   * @throws IOException if the store cannot be copied, or the archive not be written
   */
  static void write(OutputStream to, Configuration configuration, Store store) throws IOException {
    Path state = configuration.state();
    Files.createDirectories(state);
    Path scratch = Files.createTempDirectory(state, ".backup-");
    try {
      Path snapshot = scratch.resolve(GREYLIST);
      store.snapshot(snapshot);
      TarArchiveOutputStream tar = new TarArchiveOutputStream(to, "UTF-8");
      tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      add(tar, FIRST, VERSION);
      addAll(tar, GREYLIST, snapshot);
      addAll(tar, JOURNAL, configuration.journal().directory());
      add(tar, LAST, VERSION);
      tar.finish();
      tar.flush();
    } finally {
      removeAll(scratch);
    }
  }

  /**
   * The same for a daemon that does not run.
   *
   * @throws Failure if it does, or its store cannot be copied
   */
  public static void writeStopped(OutputStream to, Configuration configuration) throws IOException {
    Path folder = folder(configuration);
    try (Store store = RocksDbStore.open(folder)) {
      if (store.trouble().isPresent()) {
        throw new Failure("store " + configuration.store() + ": " + store.trouble().get());
      }
      write(to, configuration, store);
    }
  }

  private static Path folder(Configuration configuration) {
    String prefix = "rocksdb:";
    if (!configuration.store().startsWith(prefix)) {
      throw new Failure(
          "store "
              + configuration.store().replaceFirst("//[^@/]*@", "//")
              + " is a database's: back it up and restore it with the database's own tools");
    }
    return Path.of(configuration.store().substring(prefix.length()));
  }

  private static void add(TarArchiveOutputStream tar, String name, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(bytes.length);
    tar.putArchiveEntry(entry);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private static void addAll(TarArchiveOutputStream tar, String name, Path folder)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    List<Path> files = new ArrayList<>();
    try (Stream<Path> all = Files.list(folder)) {
      all.filter(Files::isRegularFile).sorted().forEach(files::add);
    }
    for (Path file : files) {
      String member = name + "/" + file.getFileName();
      if (!MEMBER.matcher(member).matches() || member.endsWith(".lock")) {
        continue;
      }
      try (InputStream in = Files.newInputStream(file)) {
        // A segment that is being written grows: as much of it as there is now.
        long size = Files.size(file);
        TarArchiveEntry entry = new TarArchiveEntry(member);
        entry.setSize(size);
        entry.setModTime(Files.getLastModifiedTime(file));
        tar.putArchiveEntry(entry);
        copy(in, tar, size, file);
        tar.closeArchiveEntry();
      }
    }
  }

  private static void copy(InputStream in, OutputStream out, long size, Path file)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    long left = size;
    while (left > 0) {
      int count = in.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        throw new IOException(file + " became shorter while it was copied; try again");
      }
      out.write(buffer, 0, count);
      left -= count;
    }
  }

  /**
   * Puts an archive's state in place of what is there, which is kept beside it.
   *
   * @return what was put where, and where the former state is
   * @throws Failure if the daemon runs, or the archive is not whole; nothing is changed then
   */
  public static List<String> restore(Path archive, Configuration configuration) throws IOException {
    Map<String, Path> places = new LinkedHashMap<>();
    places.put(GREYLIST, folder(configuration));
    places.put(JOURNAL, configuration.journal().directory());
    refuseWhileRunning(configuration.journal().directory());
    Map<String, Path> fresh = new LinkedHashMap<>();
    try {
      for (Map.Entry<String, Path> place : places.entrySet()) {
        Path parent = place.getValue().toAbsolutePath().getParent();
        Files.createDirectories(parent == null ? Path.of("/") : parent);
        fresh.put(
            place.getKey(),
            Files.createTempDirectory(parent, "." + place.getValue().getFileName() + "-restored-"));
      }
      unpack(archive, fresh);
      String stamp =
          Instant.now().truncatedTo(ChronoUnit.SECONDS).toString().replaceAll("[:-]", "");
      List<String> told = new ArrayList<>();
      for (Map.Entry<String, Path> place : places.entrySet()) {
        told.add(
            replace(place.getValue(), Objects.requireNonNull(fresh.get(place.getKey())), stamp));
      }
      return told;
    } finally {
      for (Path folder : fresh.values()) {
        removeAll(folder);
      }
    }
  }

  private static String replace(Path place, Path with, String stamp) throws IOException {
    String told = place + ": restored";
    if (Files.exists(place)) {
      Path former = place.resolveSibling(place.getFileName() + ".before-" + stamp);
      Files.move(place, former);
      told += ", the former one is in " + former;
    }
    Files.move(with, place);
    return told;
  }

  private static void refuseWhileRunning(Path journal) throws IOException {
    Path file = journal.resolve("journal.lock");
    if (!Files.exists(file)) {
      return;
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        throw new Failure("the daemon runs: stop it first (systemctl stop greyprint)");
      }
    } catch (OverlappingFileLockException e) {
      throw new Failure("the daemon runs: stop it first (systemctl stop greyprint)", e);
    }
  }

  /**
   * Reads an archive to its end.
   *
   * @throws Failure if it is none, or not whole
   */
  public static void verify(Path archive) {
    unpack(archive, Map.of());
  }

  /** Unpacks an archive into these folders; without folders only reads it. */
  private static void unpack(Path archive, Map<String, Path> fresh) {
    boolean first = true;
    boolean whole = false;
    try (InputStream file = Files.newInputStream(archive);
        TarArchiveInputStream tar =
            new TarArchiveInputStream(new BufferedInputStream(file), "UTF-8")) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String name = entry.getName();
        if (first && !name.equals(FIRST)) {
          throw new Failure(archive + ": is no backup of greyprint");
        }
        if (first) {
          version(archive, new String(tar.readNBytes(100), StandardCharsets.US_ASCII));
        } else if (name.equals(LAST)) {
          whole = true;
        } else if (MEMBER.matcher(name).matches() && entry.isFile()) {
          int slash = name.indexOf('/');
          Path folder = fresh.get(name.substring(0, slash));
          if (folder == null) {
            tar.transferTo(OutputStream.nullOutputStream());
          } else {
            Files.copy(tar, folder.resolve(name.substring(slash + 1)));
          }
        } else {
          throw new Failure(archive + ": has a member that no backup has: " + name);
        }
        first = false;
      }
    } catch (java.nio.file.NoSuchFileException e) {
      throw new Failure(archive + ": no such file", e);
    } catch (IOException e) {
      throw new Failure(archive + ": is damaged: " + e.getMessage(), e);
    }
    if (!whole) {
      throw new Failure(archive + ": is not whole; nothing was changed");
    }
  }

  private static void version(Path archive, String version) {
    if (!version.equals(VERSION)) {
      throw new Failure(
          archive + ": was made by a newer greyprint (format " + version.strip() + "): use that");
    }
  }

  private static void removeAll(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
