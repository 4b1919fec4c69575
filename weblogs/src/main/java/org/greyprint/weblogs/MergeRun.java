// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.Closeable;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.greyprint.weblogs.stamp.LogFormat;
import org.greyprint.weblogs.stamp.StampContext;
import org.greyprint.weblogs.stamp.Stamps;
import org.jspecify.annotations.Nullable;

/** One merge: the sources opened, read once, and given out in order. */
final class MergeRun implements Closeable {
  private static final int MOST_WORKERS = 4;

  /** Threads that read, beside the one that merges and the one that writes. */
  private static final int READERS = 2;

  private static final int STEPS = 128;

  /** So few lines are given out in one call, that the method is compiled before its loop is. */
  private static final int FEW = 32;

  /**
   * So much is written at a time. With more, the kernel looks for large free pages in its cache,
   * which a virtual machine may have to fetch from its host first.
   */
  private static final int PIECE = 1 << 18;

  private final MergeSettings settings;
  private final MergeProgress progress;
  private final Budget budget;
  private final List<Scan> scans = new ArrayList<>();
  private final List<Resumption.Start> starts = new ArrayList<>();
  private final List<Pool> pools = new ArrayList<>();
  private final List<Spill> spills = new ArrayList<>();
  private final Spool spool;
  private final Arena arena = Arena.ofShared();
  private final AtomicLong read = new AtomicLong();
  private long packed;
  private long plain;

  private MergeRun(MergeSettings settings, Budget budget, MergeProgress progress) {
    this.settings = settings;
    this.progress = progress;
    this.budget = budget;
    spool = new Spool(budget.index(), settings.temporary());
  }

  /** Opens all sources. */
  static MergeRun open(MergeSettings settings, Resumption resumption, MergeProgress progress)
      throws IOException {
    return open(settings, Budget.of(settings.memory()), resumption, progress);
  }

  static MergeRun open(
      MergeSettings settings, Budget budget, Resumption resumption, MergeProgress progress)
      throws IOException {
    MergeRun run = new MergeRun(settings, budget, progress);
    try {
      List<Content> contents = new ArrayList<>();
      try {
        for (Source source : settings.sources()) {
          contents.add(Content.open(source));
        }
        run.starts.addAll(resumption.start(contents));
        for (int i = 0; i < contents.size(); i++) {
          run.scans.add(new Scan(settings, i, contents.get(i), run.starts.get(i)));
        }
      } catch (IOException e) {
        for (Content content : contents) {
          content.close();
        }
        throw e;
      }
    } catch (IOException e) {
      run.close();
      throw e;
    }
    return run;
  }

  /**
   * Gives all lines out to a file that nobody else writes to. Each log is read once, and merged
   * meanwhile, where all lines prove to be nearly in order; otherwise what was written is taken
   * back, and the logs are read to their ends first.
   */
  void merge(Draft draft) throws IOException {
    if (!passing(draft)) {
      scan();
      merge((BlockWriter.Target) draft);
    }
  }

  private boolean passing(Draft draft) throws IOException {
    int ahead = Math.min(PassingStrand.ahead(budget.passing(), scans.size()), budget.ahead());
    if (ahead < budget.ahead() / 8
        || settings.zone().isPresent()
        || !scans.stream().allMatch(scan -> scan.content().plain())) {
      return false;
    }
    for (Scan scan : scans) {
      plain += scan.content().end() - scan.content().position();
    }
    try {
      passing(draft, ahead);
      return true;
    } catch (PassingStrand.TooLate e) {
      draft.retract();
    } catch (IOException e) {
      try {
        draft.retract();
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
    for (int i = 0; i < scans.size(); i++) {
      Content content = scans.get(i).content();
      content.rewind(scans.get(i).from());
      scans.set(i, new Scan(settings, i, content, starts.get(i)));
    }
    plain = 0;
    read.set(0);
    return false;
  }

  private void passing(Draft draft, int ahead) throws IOException {
    // Closing waits for what is being read; to interrupt it would close the file.
    try (ExecutorService reader = Executors.newFixedThreadPool(READERS)) {
      List<Strand> strands = new ArrayList<>();
      for (Scan scan : scans) {
        strands.add(new PassingStrand(scan, read::addAndGet, ahead, reader));
      }
      merge(new Tournament(strands), draft);
    }
  }

  /** The first reading. */
  void scan() throws IOException {
    Set<Scan> staying = staying();
    for (Scan scan : scans) {
      Content content = scan.content();
      if (content.plain()) {
        plain += content.end() - content.position();
      } else {
        packed += content.fileSize();
      }
    }
    int workers =
        Math.clamp(
            Runtime.getRuntime().availableProcessors(),
            1,
            Math.min(MOST_WORKERS, Math.max(1, scans.size())));
    AtomicInteger next = new AtomicInteger();
    try (ExecutorService executor = Executors.newFixedThreadPool(workers)) {
      List<Future<?>> futures = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        Pool pool = new Pool(budget.pools() / workers, settings.temporary());
        pools.add(pool);
        futures.add(
            executor.submit(() -> {
              work(next, staying, pool);
              return null;
            }));
      }
      await(futures, next);
    }
  }

  /** Takes one source after the other, in their order: a pool's lines have to come so. */
  private void work(AtomicInteger next, Set<Scan> staying, Pool pool) throws IOException {
    byte[] buffer = new byte[Scan.bufferSize(Scan.READ)];
    while (true) {
      int number = next.getAndIncrement();
      if (number >= scans.size()) {
        return;
      }
      Scan scan = scans.get(number);
      boolean stays = staying.contains(scan);
      scan.run(
          stays ? Optional.of(new Window(spool, budget.window())) : Optional.empty(),
          pool,
          buffer,
          this::scanned);
      if (!stays) {
        scan.release();
      }
    }
  }

  private void scanned(int octets) {
    long done = read.addAndGet(octets);
    // What packed sources will unpack to is a guess until they are read.
    progress.at(done, 2 * Math.max(done, plain + 8 * packed));
  }

  private void await(List<Future<?>> futures, AtomicInteger next) throws IOException {
    Throwable failure = null;
    for (Future<?> future : futures) {
      try {
        future.get();
      } catch (ExecutionException e) {
        // The others end with the source they are at.
        next.set(scans.size());
        failure = failure == null ? e.getCause() : failure;
      } catch (InterruptedException e) {
        next.set(scans.size());
        Thread.currentThread().interrupt();
        failure = e;
      }
    }
    if (failure != null) {
      throw Failures.of(failure, "the reading was stopped");
    }
  }

  /** The files whose lines stay where they are until it is their turn: the largest. */
  private Set<Scan> staying() {
    Set<Scan> staying = new HashSet<>();
    scans.stream()
        .filter(scan -> scan.content().plain())
        .sorted((a, b) -> Long.compare(b.content().end(), a.content().end()))
        .limit(budget.open())
        .forEach(staying::add);
    return staying;
  }

  /** Gives all lines out to a stream. */
  void merge(OutputStream out) throws IOException {
    if (out instanceof FileOutputStream file) {
      FileChannel channel = file.getChannel();
      merge((BlockWriter.Target) block -> write(channel, block));
      return;
    }
    byte[] piece = new byte[1 << 16];
    merge(
        (BlockWriter.Target)
            block -> {
              while (block.hasRemaining()) {
                int length = Math.min(piece.length, block.remaining());
                block.get(piece, 0, length);
                out.write(piece, 0, length);
              }
            });
  }

  static void write(FileChannel channel, ByteBuffer block) throws IOException {
    int end = block.limit();
    while (block.position() < end) {
      writeSome(channel, block, end);
    }
  }

  /** Writes some octets of a block; tells how many. */
  static int writeSome(FileChannel channel, ByteBuffer block, int end) throws IOException {
    return channel.write(block.limit(Math.min(end, block.position() + PIECE)));
  }

  /** Gives all lines out in blocks. */
  void merge(BlockWriter.Target target) throws IOException {
    if (settings.zone().isEmpty()) {
      merge(tournament(), target);
    } else {
      try (BlockWriter writer = new BlockWriter(target)) {
        merge(
            (LineSink)
                (instant, source, buffer, offset, length) -> writer.add(buffer, offset, length));
        writer.end();
      }
    }
    verify();
  }

  private void merge(Tournament tournament, BlockWriter.Target target) throws IOException {
    try (BlockWriter writer = new BlockWriter(target)) {
      long done = 0;
      while (tournament.first() != null) {
        for (int i = 0; i < STEPS; i++) {
          done += some(tournament, writer);
        }
        merged(done);
      }
      writer.end();
    }
  }

  /**
   * Gives some thousand lines out; tells how many octets. A method that is called often is compiled
   * early and as a whole, a loop that runs for long is not.
   */
  private static long some(Tournament tournament, BlockWriter writer) throws IOException {
    long done = 0;
    for (int i = 0; i < FEW; i++) {
      Strand strand = tournament.first();
      if (strand == null) {
        break;
      }
      writer.add(strand.data, strand.offset, strand.length);
      done += strand.length;
      tournament.advance();
    }
    return done;
  }

  /** Gives all lines out one by one. */
  void merge(LineSink sink) throws IOException {
    byte[] lines = new byte[LineSink.LONGEST + 1];
    LineSink last = settings.zone().isPresent() ? rewriter(sink) : sink;
    Tournament tournament = tournament();
    long done = 0;
    int steps = 0;
    for (Strand strand = tournament.first(); strand != null; strand = tournament.first()) {
      int end = strand.length;
      strand.data.get(strand.offset, lines, 0, end);
      for (int from = 0; from < end; ) {
        int feed = Octets.lineFeed(lines, from, end);
        int to = feed < 0 ? end : feed + 1;
        last.line(strand.instant, strand.source, lines, from, to - from);
        from = to;
      }
      done += strand.length;
      tournament.advance();
      if ((++steps & 4095) == 0) {
        merged(done);
      }
    }
    verify();
  }

  private void merged(long done) {
    progress.at(read.get() + done, 2 * Math.max(read.get(), plain));
  }

  private LineSink rewriter(LineSink sink) {
    Stamps[] stamps = new Stamps[scans.size()];
    for (Scan scan : scans) {
      stamps[scan.source()] = stamps(scan);
    }
    return new Rewriter(sink, stamps, settings.zone().orElseThrow().getTotalSeconds());
  }

  private Stamps stamps(Scan scan) {
    StampContext context = new StampContext(settings.sourceZone(), scan.content().written());
    return scan.format().orElse(LogFormat.ISO).stamps(context);
  }

  /** What finds the stamps of each source that has virtual hosts; null for the others. */
  @Nullable Stamps[] stamps() {
    @Nullable Stamps[] stamps = new Stamps[scans.size()];
    for (Scan scan : scans) {
      if (scan.format().isPresent() && scan.format().get().hasVirtualHost()) {
        stamps[scan.source()] = stamps(scan);
      }
    }
    return stamps;
  }

  /** How many lines there are. */
  long lines() {
    return summary().lines();
  }

  private Tournament tournament() throws IOException {
    List<Strand> strands = new ArrayList<>();
    List<Pool.Run> runs = new ArrayList<>();
    long octets = budget.buffers();
    if (pools.stream().anyMatch(Pool::spilled)) {
      for (Pool pool : pools) {
        runs.addAll(pool.spill());
      }
      octets += budget.pools();
    } else {
      for (Pool pool : pools) {
        strands.add(pool.strand());
      }
    }
    int files = scans.stream().mapToInt(scan -> scan.indexes().size()).sum();
    // What the files leave, at least half, for the runs, which are merged with each other until
    // they fit.
    long forRuns = Math.max(octets - (long) files * Budget.fileBuffer(), octets / 2);
    int mostRuns = (int) Math.max(2, forRuns / Budget.LEAST_BUFFER);
    while (runs.size() > mostRuns) {
      runs = fewer(runs, mostRuns, forRuns);
    }
    for (Pool.Run run : runs) {
      strands.add(new RunStrand(run, arena, Budget.runBuffer(forRuns, runs.size())));
    }
    for (Scan scan : scans) {
      for (LineIndex index : scan.indexes()) {
        strands.add(
            new FileStrand(
                scan.source(),
                scan.content().name(),
                scan.content().channel(),
                index,
                scan.content().end(),
                scan.unterminated(),
                arena,
                Budget.fileBuffer()));
      }
    }
    return new Tournament(strands);
  }

  /** Merges runs into fewer and longer ones, in a file of their own. */
  private List<Pool.Run> fewer(List<Pool.Run> runs, int most, long octets) throws IOException {
    Spill spill = new Spill(settings.temporary());
    spills.add(spill);
    List<Pool.Run> longer = new ArrayList<>();
    for (int from = 0; from < runs.size(); from += most) {
      List<Pool.Run> some = runs.subList(from, Math.min(from + most, runs.size()));
      List<Strand> strands = new ArrayList<>();
      try (Arena buffers = Arena.ofShared()) {
        for (Pool.Run run : some) {
          strands.add(new RunStrand(run, buffers, Budget.runBuffer(octets, some.size())));
        }
        longer.add(Pool.write(new Tournament(strands), spill));
      }
    }
    return longer;
  }

  private void verify() throws IOException {
    for (Scan scan : scans) {
      scan.verify();
    }
  }

  List<Scan> scans() {
    return scans;
  }

  MergeSummary summary() {
    return new MergeSummary(scans.stream().map(Scan::summary).toList());
  }

  @Override
  public void close() throws IOException {
    for (Scan scan : scans) {
      scan.close();
    }
    for (Pool pool : pools) {
      pool.close();
    }
    for (Spill spill : spills) {
      spill.close();
    }
    spool.close();
    arena.close();
  }
}
