// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts new files in the place of old ones: all of them, or none.
 *
 * <p>First the old ones are copied to the backup, read again and flushed; each gets a second name
 * in the work folder as well, so that putting it back needs no room on a full disk. Then the
 * journal says what is about to be done, then the new files are renamed into place. Whoever finds a
 * journal that is not done puts the old files back.
 */
final class Swap {
  private static final String MAGIC = "greyprint awstats swap 1";
  private static final String NOTHING = "-";

  private final Path journal;
  private final Path old;
  private final Consumer<String> steps;

  /**
   * @param work the work folder, on the same file system as the files
   * @param steps is told before each step; for tests that end there
   */
  Swap(Path work, Consumer<String> steps) {
    this.journal = work.resolve("journal");
    this.old = work.resolve("old");
    this.steps = steps;
  }

  /**
   * One file.
   *
   * @param live where it is to be
   * @param before the digest of what is there, or null if nothing is
   * @param fresh the new file
   * @param after its digest
   */
  record Change(Path live, @Nullable String before, Path fresh, String after) {}

  /** A file that others changed since; it was left as it is. */
  record Restored(List<String> put, List<String> left, Path backup) {}

  /**
   * Does it.
   *
   * @param backup a new folder for the old files, which stays
   * @throws RebuildException if it could not be done; then all is as it was
   */
  void swap(List<Change> changes, Path backup) throws RebuildException {
    try {
      prepare(changes, backup);
    } catch (IOException e) {
      drop(backup, e);
      throw new RebuildException(
          "cannot back up to " + backup + ": " + reason(e) + "; nothing was changed", e);
    }
    try {
      for (Change change : changes) {
        steps.accept("install " + change.live().getFileName());
        if (!same(change.live(), change.before())) {
          throw new IOException(change.live() + " was changed by another program");
        }
        Durable.rename(change.fresh(), change.live());
      }
      for (Change change : changes) {
        steps.accept("verify " + change.live().getFileName());
        if (!same(change.live(), change.after())) {
          throw new IOException(change.live() + " is not what was put there");
        }
      }
      steps.accept("done");
      Files.delete(journal);
      Durable.syncFolder(journal);
    } catch (IOException e) {
      Restored restored;
      try {
        restored = recover().orElseThrow(() -> new IOException(journal + " has gone"));
      } catch (IOException again) {
        e.addSuppressed(again);
        throw new RebuildException(
            "cannot put the new history in place: "
                + reason(e)
                + "; cannot put the old back: "
                + reason(again)
                + "; it is whole in "
                + backup
                + ", and the next run tries again",
            e);
      }
      throw new RebuildException(
          "cannot put the new history in place: "
              + reason(e)
              + "; the old one is back"
              + (restored.left().isEmpty()
                  ? ""
                  : ", except " + String.join(", ", restored.left()) + ", which others changed"),
          e);
    }
  }

  private void prepare(List<Change> changes, Path backup) throws IOException {
    steps.accept("back up");
    folderOfOwner(backup);
    Files.createDirectories(old);
    StringBuilder text = new StringBuilder(MAGIC).append('\n').append(backup).append('\n');
    StringBuilder manifest = new StringBuilder();
    for (Change change : changes) {
      String before = change.before();
      if (before != null) {
        Path name = change.live().getFileName();
        Durable.copy(change.live(), backup.resolve(name), before);
        secondName(change.live(), old.resolve(name), before);
        manifest.append(before).append("  ").append(name).append('\n');
      }
      Durable.sync(change.fresh());
      text.append(before == null ? NOTHING : before)
          .append(' ')
          .append(change.after())
          .append(' ')
          .append(change.live())
          .append('\n');
    }
    steps.accept("manifest");
    Path sums = backup.resolve("SHA256SUMS");
    Durable.write(sums, manifest.toString());
    Owner.of(backup).give(sums);
    Durable.syncFolder(backup);
    Durable.syncFolder(old.resolve("x"));
    steps.accept("journal");
    Durable.write(journal, text.append("end\n").toString());
  }

  /** A new folder for backups, and the one it is in, belong to who owns DirData. */
  private static void folderOfOwner(Path backup) throws IOException {
    Path all = backup.toAbsolutePath().getParent();
    Files.createDirectories(backup);
    if (all != null && all.getParent() != null) {
      Owner owner = Owner.of(all.getParent());
      owner.give(all);
      owner.give(backup);
      Durable.syncFolder(all);
      Durable.syncFolder(backup);
    }
  }

  private static void secondName(Path file, Path link, String digest) throws IOException {
    Files.deleteIfExists(link);
    try {
      Files.createLink(link, file);
    } catch (UnsupportedOperationException | FileSystemException e) {
      // A file system without hard links.
      Durable.copy(file, link, digest);
    }
  }

  /**
   * Puts back what an earlier run was about to replace.
   *
   * @return what was put back; empty if no run was cut off in between
   */
  Optional<Restored> recover() throws IOException {
    if (!Files.exists(journal)) {
      return Optional.empty();
    }
    List<String> lines = Files.readAllLines(journal, StandardCharsets.UTF_8);
    if (lines.size() < 3 || !lines.get(0).equals(MAGIC) || !lines.getLast().equals("end")) {
      throw new IOException(
          journal + " is not a journal of this program; look at it, then move it away");
    }
    Path backup = Path.of(lines.get(1));
    List<String> put = new ArrayList<>();
    List<String> left = new ArrayList<>();
    for (String line : lines.subList(2, lines.size() - 1)) {
      String[] fields = line.split(" ", 3);
      String before = fields[0].equals(NOTHING) ? null : fields[0];
      Path live = Path.of(fields[2]);
      if (same(live, before)) {
        continue;
      }
      if (!same(live, fields[1]) && Files.exists(live)) {
        left.add(String.valueOf(live.getFileName()));
      } else {
        steps.accept("restore " + live.getFileName());
        restore(live, before, backup);
        put.add(String.valueOf(live.getFileName()));
      }
    }
    Files.delete(journal);
    Durable.syncFolder(journal);
    return Optional.of(new Restored(put, left, backup));
  }

  private void restore(Path live, @Nullable String before, Path backup) throws IOException {
    if (before == null) {
      Files.deleteIfExists(live);
      Durable.syncFolder(live);
      return;
    }
    Path second = old.resolve(live.getFileName());
    if (same(second, before)) {
      Durable.rename(second, live);
      return;
    }
    Path copy = live.resolveSibling("." + live.getFileName() + ".restored");
    Durable.copy(backup.resolve(live.getFileName()), copy, before);
    Durable.rename(copy, live);
  }

  private static boolean same(Path file, @Nullable String digest) throws IOException {
    return Files.exists(file) ? Durable.digest(file).equals(digest) : digest == null;
  }

  private void drop(Path backup, IOException because) {
    try {
      Files.deleteIfExists(journal);
      Durable.deleteTree(backup);
    } catch (IOException e) {
      because.addSuppressed(e);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
