// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.TimeZone;
import org.greyprint.capture.CaptureFile;
import org.greyprint.capture.SynKinds;
import org.greyprint.fingerprint.Fingerprinter;
import org.jspecify.annotations.Nullable;

/**
 * Fingerprints the SYNs of capture files.
 *
 * <p>Standard output gets a line a SYN (or the summary), standard error what is wrong with a file
 * and where; what came before the damage is kept. Output is flushed before waiting for input, so
 * that a pipe from tcpdump is followed live.
 */
public final class Replay {
  /** How SYNs are written. */
  public enum Format {
    TEXT,
    JSON,
    P0F
  }

  /**
   * What to do.
   *
   * @param files names of capture files; {@code -} is standard input
   * @param format how SYNs are written, or the summary: as JSON or else as a table
   * @param summary whether only to count
   */
  public record Settings(List<String> files, Format format, boolean summary) {}

  /** Tells what the headers of a SYN speak for. */
  interface Describer {
    /** Null where it is no SYN that is to be told of. */
    Fingerprinter.@Nullable Both describe(byte[] packet, int start, int end);
  }

  private final Settings settings;
  private final Output out;
  private final OutputStream stdout;
  private final PrintStream err;
  private final Lines lines;
  private final Summary summary = new Summary();
  private final Progress progress;
  private final SynKinds<Kind> kinds;
  private long syns;

  Replay(
      Settings settings,
      Describer describer,
      OutputStream stdout,
      PrintStream err,
      TimeZone zone,
      boolean bar) {
    this.settings = settings;
    this.stdout = stdout;
    this.out = new Output(stdout);
    this.err = err;
    this.progress = new Progress(err, bar);
    this.lines =
        switch (settings.format) {
          case TEXT -> new TextLines(out, zone);
          case JSON -> new JsonLines(out);
          case P0F -> new P0fLines(out, zone);
        };
    this.kinds =
        new SynKinds<>(
            (packet, start, end) -> {
              Fingerprinter.Both described = describer.describe(packet, start, end);
              return described == null ? null : lines.kind(described);
            },
            summary::add);
  }

  /**
   * Reads all files onto standard output.
   *
   * @return false if something was wrong with one of them
   */
  public static boolean run(Settings settings, Fingerprinter fingerprinter) {
    try (FileOutputStream stdout = new FileOutputStream(FileDescriptor.out)) {
      return run(settings, fingerprinter, stdout, Progress.onTerminal());
    } catch (IOException | UncheckedIOException e) {
      // Who read the output has gone, as head does; or the disk is full.
      String reason = String.valueOf(e.getMessage());
      if (!reason.contains("Broken pipe")) {
        System.err.println("greyprint: standard output: " + reason);
      }
      return false;
    }
  }

  /**
   * Reads all files onto a stream.
   *
   * @param bar whether progress is shown on standard error
   * @return false if something was wrong with one of them
   * @throws IOException if {@code stdout} can't be written to
   */
  public static boolean run(
      Settings settings, Fingerprinter fingerprinter, OutputStream stdout, boolean bar)
      throws IOException {
    return new Replay(
            settings,
            (packet, start, end) -> fingerprinter.readBoth(packet, start, end).orElse(null),
            stdout,
            System.err,
            TimeZone.getDefault(),
            bar)
        .run();
  }

  /** Reads all files; false if something is wrong with one of them. */
  boolean run() throws IOException {
    boolean well = true;
    for (String name : settings.files) {
      well &= file(name);
    }
    if (settings.summary) {
      kinds.each(summary::add);
      String text = settings.format == Format.JSON ? summary.json() : summary.table();
      stdout.write(Lines.bytes(text));
    }
    out.flush();
    return well;
  }

  private boolean file(String name) throws IOException {
    long before = syns;
    try (CaptureFile capture = open(name)) {
      long size = name.equals("-") ? 0 : Files.size(Path.of(name));
      boolean gzip = size > 0 && name.endsWith(".gz");
      current = capture;
      currentSize = gzip ? 0 : size;
      read(capture);
      current = null;
      progress.end();
      if (capture.damage().isPresent()) {
        CaptureFile.Damage damage = capture.damage().get();
        complain(
            "%s: at octet %d: %s; %d SYNs before it were read"
                .formatted(capture.name(), damage.offset(), damage.message(), syns - before));
        return false;
      }
      return true;
    } catch (NoSuchFileException e) {
      complain(name + ": no such file");
    } catch (InputException e) {
      complain(name + ": " + e.getMessage());
    }
    return false;
  }

  private @Nullable CaptureFile current;
  private long currentSize;

  private CaptureFile open(String name) throws IOException {
    try {
      return name.equals("-")
          ? CaptureFile.standardInput(this::beforeRead)
          : CaptureFile.open(Path.of(name), this::beforeRead);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (java.nio.file.FileSystemException e) {
      throw new InputException(e.getReason() == null ? "cannot be opened" : e.getReason());
    } catch (IOException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
  }

  /** Reading may wait; who reads the output is not to wait with it. */
  private void beforeRead() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    CaptureFile capture = current;
    if (capture != null) {
      progress.at(capture.name(), capture.fileOffset(), currentSize, syns);
    }
  }

  private void read(CaptureFile capture) throws IOException {
    boolean write = !settings.summary;
    while (next(capture)) {
      Kind kind = kinds.find(capture);
      if (kind == null) {
        continue;
      }
      syns++;
      kind.count++;
      if (write) {
        lines.write(capture.nanos(), kinds, kind);
      }
    }
  }

  private static boolean next(CaptureFile capture) throws InputException {
    try {
      return capture.next();
    } catch (IOException e) {
      throw new InputException(String.valueOf(e.getMessage()));
    }
  }

  private void complain(String line) throws IOException {
    out.flush();
    err.println("greyprint: " + line);
  }

  /** The input can't be read; not to be taken for a failure of the output. */
  private static final class InputException extends IOException {
    private static final long serialVersionUID = 1;

    InputException(String message) {
      super(message);
    }
  }
}
