// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The record of a run that is under way, beside the state file: which output files it writes to and
 * how long they were before. It is on the disk before the first octet of a file is, so a run that
 * was stopped anywhere can be undone.
 *
 * <p>A run ends with the state file being replaced by one of the next generation, in one step. A
 * journal of an older generation than the state is of a run that ended; one of the same generation
 * is of a run that did not.
 */
final class Journal implements Closeable {
  private static final String HEAD = "greyprint-logs-merge-journal 1\t";

  private final Disk disk;
  private final Path path;
  private final long generation;
  private Disk.@Nullable Appender file;

  /**
   * @param generation of the state that the run begins with
   */
  Journal(Disk disk, Path state, long generation) {
    this.disk = disk;
    this.generation = generation;
    path = pathOf(state);
  }

  private static Path pathOf(Path state) {
    return state.resolveSibling(state.getFileName() + ".journal");
  }

  /** A file, and its size before the run; -1 if it was not there. */
  record Entry(Path path, long size) {}

  /** Notes files before they are written to; returns when that is on the disk. */
  void add(List<Entry> entries) throws IOException {
    StringBuilder text = new StringBuilder();
    Disk.Appender to = file;
    boolean begun = to != null;
    if (to == null) {
      to = disk.append(path);
      file = to;
      text.append(HEAD).append(generation).append('\n');
    }
    for (Entry entry : entries) {
      String name = State.encode(entry.path.toAbsolutePath().toString());
      text.append("file\t").append(name).append('\t').append(entry.size).append('\n');
    }
    byte[] octets = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    to.write(ByteBuffer.wrap(octets));
    to.force();
    if (!begun) {
      disk.forceFolder(Disk.folder(path));
    }
  }

  /** The run ended: its state is in place. */
  void end() throws IOException {
    close();
    disk.delete(path);
  }

  @Override
  public void close() throws IOException {
    if (file != null) {
      file.close();
      file = null;
    }
  }

  /**
   * Undoes what a run that was stopped wrote.
   *
   * @return what an administrator should know of it
   */
  static List<String> recover(Disk disk, Path statePath, State state) throws IOException {
    Path path = pathOf(statePath);
    if (!Files.exists(path)) {
      return List.of();
    }
    String text = Files.readString(path, StandardCharsets.ISO_8859_1);
    // A last line without its end was being written: nothing was done yet to what it names.
    String[] lines = text.substring(0, text.lastIndexOf('\n') + 1).split("\n");
    List<String> notices = new ArrayList<>();
    if (!lines[0].isEmpty()) {
      long generation = generation(path, lines[0]);
      if (generation > state.generation()) {
        throw new LogsException(
            path
                + " is of a later run than "
                + statePath
                + ": put that state file back, or remove both and the merged output");
      }
      if (generation == state.generation()) {
        for (int i = 1; i < lines.length; i++) {
          String[] fields = lines[i].split("\t");
          undo(disk, Path.of(State.decode(fields[1])), Long.parseLong(fields[2]), notices);
        }
        notices.add("the run before this one was stopped: what it wrote has been taken back");
      }
    }
    disk.delete(path);
    return notices;
  }

  private static long generation(Path path, String head) throws LogsException {
    try {
      if (head.startsWith(HEAD)) {
        return Long.parseLong(head.substring(HEAD.length()));
      }
    } catch (NumberFormatException e) {
      throw new LogsException(path + " is no journal of a merge: remove it", e);
    }
    throw new LogsException(path + " is no journal of a merge: remove it");
  }

  private static void undo(Disk disk, Path path, long size, List<String> notices)
      throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      if (size >= 0) {
        notices.add(path + " is gone: what a stopped run wrote to it could not be taken back");
      }
    } else if (size < 0) {
      disk.delete(path);
    } else if (Files.size(path) > size) {
      disk.truncate(path, size);
    } else if (Files.size(path) < size) {
      notices.add(path + " is shorter than it was: somebody else truncated it");
    }
  }
}
