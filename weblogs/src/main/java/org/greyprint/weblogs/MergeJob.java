// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.greyprint.weblogs.stamp.LogFormat;
import org.jspecify.annotations.Nullable;

/**
 * A merge into files, which with a state file takes only what is new and takes it once.
 *
 * <p>A run with a state file writes, before it writes to any output file, a journal of their sizes
 * beside the state; then the output, which is forced to the disk; then replaces the state file in
 * one step; then removes the journal. Killed anywhere before the replacing, it is undone by the
 * next run, which cuts the output files to their sizes in the journal; killed after it, it was
 * done. So each record is in the output once. A stream can't be cut: there a run that was killed
 * writes its lines again.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * A {@link LogsException} says in one line what is wrong, where, and what to do: a source can't be
 * read, another run holds the state, the state is damaged, an output file is a symbolic link. What
 * an administrator should know but need not act on is in {@link Report#notices}.
 */
public final class MergeJob {
  /**
   * What is done.
   *
   * @param state the state file, or empty to take every source whole
   */
  public record Settings(MergeSettings merge, Output output, Optional<Path> state) {}

  /**
   * What was done.
   *
   * @param notices lines for the administrator: what was left out and why, what was undone
   * @param files how many output files were written to; 0 for a stream
   */
  public record Report(MergeSummary summary, List<String> notices, int files) {
    public Report {
      notices = List.copyOf(notices);
    }
  }

  private final Settings settings;
  private final Instant now;
  private final Disk disk;
  private final MergeProgress progress;
  private final List<String> notices = new ArrayList<>();

  private MergeJob(Settings settings, Instant now, Disk disk, MergeProgress progress) {
    this.settings = settings;
    this.now = now;
    this.disk = disk;
    this.progress = progress;
  }

  /**
   * Merges.
   *
   * @param now the time of the run
   */
  public static Report run(Settings settings, Instant now, MergeProgress progress)
      throws IOException {
    return run(settings, now, Disk.REAL, progress);
  }

  static Report run(Settings settings, Instant now, Disk disk, MergeProgress progress)
      throws IOException {
    MergeJob job = new MergeJob(settings, now, disk, progress);
    return settings.state().isEmpty() ? job.whole() : job.continued(settings.state().get());
  }

  private Report whole() throws IOException {
    try (MergeRun run = MergeRun.open(settings.merge(), Resumption.NONE, progress)) {
      int files = give(run);
      return new Report(run.summary(), notices, files);
    }
  }

  /** Replaces a file when all is written, so that nobody sees half of it; writes to a device. */
  private void wholeFile(MergeRun run, Path path) throws IOException {
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      run.scan();
      try (OutputStream out = Files.newOutputStream(path)) {
        run.merge(out);
      }
      return;
    }
    Path target = Files.isSymbolicLink(path) ? path.toRealPath() : path;
    Path aside;
    try {
      aside = Files.createTempFile(Disk.folder(target), "." + target.getFileName(), ".new");
    } catch (IOException e) {
      throw Content.failed(path.toString(), "written", e);
    }
    try {
      try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
        run.merge(new Draft(channel));
      }
      permissions(aside, target);
      Files.move(aside, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(aside);
    }
  }

  /** A temporary file is for its owner alone; the output is what it was, or what is usual. */
  private static void permissions(Path aside, Path target) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(aside, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    if (Files.exists(target)) {
      view.setPermissions(Files.getPosixFilePermissions(target));
      return;
    }
    Path usual = aside.resolveSibling(aside.getFileName() + ".mode");
    Files.createFile(usual);
    try {
      view.setPermissions(Files.getPosixFilePermissions(usual));
    } finally {
      Files.delete(usual);
    }
  }

  private Report continued(Path given) throws IOException {
    Path statePath = Files.isSymbolicLink(given) ? given.toRealPath() : given.toAbsolutePath();
    Path lockPath = statePath.resolveSibling(statePath.getFileName() + ".lock");
    try (FileChannel channel = lockFile(lockPath);
        FileLock lock = lock(channel, given)) {
      if (!lock.isValid()) {
        throw new LogsException(given + " can't be locked");
      }
      return locked(statePath);
    }
  }

  private static FileChannel lockFile(Path path) throws IOException {
    try {
      return FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw Content.failed(path.toString(), "made", e);
    }
  }

  private static FileLock lock(FileChannel channel, Path state) throws IOException {
    FileLock lock;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException e) {
      throw new LogsException(state + " is in use by another run: wait until it is done", e);
    }
    if (lock == null) {
      throw new LogsException(state + " is in use by another run: wait until it is done");
    }
    return lock;
  }

  private Report locked(Path statePath) throws IOException {
    State state = State.load(statePath);
    notices.addAll(Journal.recover(disk, statePath, state));
    String target = target();
    if (state.generation() > 0 && !state.target().equals(target)) {
      throw new LogsException(
          statePath
              + " is of runs that wrote to another place ("
              + state.target()
              + "): give that one, or another state file");
    }
    KnownSources known = new KnownSources(state, now);
    try (MergeRun run = MergeRun.open(settings.merge(), known, progress);
        Journal journal = new Journal(disk, statePath, state.generation())) {
      notices.addAll(known.notices());
      run.scan();
      int files = give(run, journal, state);
      disk.replace(statePath, known.next(run.scans(), target).toOctets());
      journal.end();
      return new Report(run.summary(), notices, files);
    }
  }

  // Not switches by type: see Failures.

  private int give(MergeRun run) throws IOException {
    if (settings.output() instanceof Output.ToFolder(Path folder)) {
      run.scan();
      return split(run, folder, null);
    }
    if (settings.output() instanceof Output.ToFile(Path path)) {
      wholeFile(run, path);
      return 1;
    }
    OutputStream out = ((Output.ToStream) settings.output()).out();
    Optional<Draft> draft = Draft.standardOutput(out);
    if (draft.isPresent()) {
      run.merge(draft.get());
      return 0;
    }
    run.scan();
    return stream(run, out);
  }

  private int give(MergeRun run, Journal journal, State state) throws IOException {
    if (settings.output() instanceof Output.ToFolder(Path folder)) {
      refuseUnknown(folder, state);
      return split(run, folder, journal);
    }
    if (settings.output() instanceof Output.ToFile(Path path)) {
      return continueFile(run, path, journal, state);
    }
    return stream(run, ((Output.ToStream) settings.output()).out());
  }

  private static int stream(MergeRun run, OutputStream out) throws IOException {
    run.merge(out);
    out.flush();
    return 0;
  }

  private String target() {
    return switch (settings.output()) {
      case Output.ToStream out -> "stream";
      case Output.ToFile(Path path) -> "output " + path.toAbsolutePath().normalize();
      case Output.ToFolder(Path folder) -> "split " + folder.toAbsolutePath().normalize();
    };
  }

  private int continueFile(MergeRun run, Path path, Journal journal, State state)
      throws IOException {
    boolean there = Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    long size = there ? Files.size(path) : -1;
    if (state.generation() == 0 && size > 0) {
      throw new LogsException(
          path + " is there, but no state of the runs that wrote it: remove it, or name another");
    }
    if (there && keys(run).contains(FileKeys.of(path))) {
      throw new LogsException(path + " is one of the logs to be read: name another output");
    }
    if (run.lines() == 0 && there) {
      return 0;
    }
    journal.add(List.of(new Journal.Entry(path, size)));
    try (Disk.Appender file = disk.append(path)) {
      run.merge((BlockWriter.Target) file::write);
      file.force();
    }
    if (!there) {
      disk.forceFolder(Disk.folder(path));
    }
    return 1;
  }

  private static void refuseUnknown(Path folder, State state) throws IOException {
    if (state.generation() > 0 || !Files.isDirectory(folder)) {
      return;
    }
    try (var names = Files.newDirectoryStream(folder, "*.log")) {
      for (Path name : names) {
        throw new LogsException(
            name
                + " is there, but no state of the runs that wrote it: remove it, or name another"
                + " folder");
      }
    }
  }

  private static Set<Object> keys(MergeRun run) {
    Set<Object> keys = new HashSet<>();
    for (Scan scan : run.scans()) {
      if (scan.content().key() != null) {
        keys.add(scan.content().key());
      }
    }
    return keys;
  }

  private int split(MergeRun run, Path folder, @Nullable Journal journal) throws IOException {
    Files.createDirectories(folder);
    for (MergeSummary.OfSource source : run.summary().sources()) {
      if (source.records() > 0 && source.format().filter(LogFormat::hasVirtualHost).isEmpty()) {
        notices.add(
            source.name() + " has no virtual hosts: its lines are in " + HostNames.NONE + ".log");
      }
    }
    try (Splitter splitter =
        new Splitter(
            folder,
            disk,
            journal,
            keys(run),
            settings.merge().memory(),
            OpenFiles.most(),
            run.stamps())) {
      run.merge((LineSink) splitter);
      splitter.end();
      notices.addAll(splitter.notices());
      return splitter.files();
    }
  }
}
