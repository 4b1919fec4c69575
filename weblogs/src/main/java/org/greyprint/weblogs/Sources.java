// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes sources. */
public final class Sources {
  private Sources() {}

  /** A file; it need not be there yet. */
  public static Source file(Path path) {
    return new FileSource(path);
  }

  /**
   * A stream, packed or not, that is read once.
   *
   * @param written takes the place of a file's time
   */
  public static Source stream(String name, InputStream in, Instant written) {
    return new StreamSource(name, in, written);
  }

  /**
   * The sources of a command line: files, and {@code -} for standard input.
   *
   * @throws LogsException if {@code -} is given twice, or a name is no file that can be read
   */
  public static List<Source> of(List<String> names, InputStream standardInput, Instant now)
      throws LogsException {
    List<Source> sources = new ArrayList<>();
    boolean input = false;
    for (String name : names) {
      if (name.equals("-")) {
        if (input) {
          throw new LogsException("- is given twice: standard input can be read only once");
        }
        input = true;
        sources.add(stream("-", standardInput, now));
        continue;
      }
      Path path = Path.of(name);
      if (Files.isDirectory(path)) {
        throw new LogsException(name + " is a folder: give the files in it, as in " + name + "/*");
      }
      if (!Files.isReadable(path)) {
        throw new LogsException(
            name + (Files.exists(path) ? " can't be read" : " is not there") + ": check the name");
      }
      sources.add(file(path));
    }
    return List.copyOf(sources);
  }

  private record FileSource(Path path) implements Source {
    @Override
    public String name() {
      return path.toString();
    }

    @Override
    public Optional<Path> file() {
      return Optional.of(path);
    }

    @Override
    public Instant written() throws IOException {
      return Files.getLastModifiedTime(path).toInstant();
    }

    @Override
    public InputStream open() throws IOException {
      return Compression.unpacked(Files.newInputStream(path), name());
    }
  }

  private static final class StreamSource implements Source {
    private final String name;
    private final Instant written;
    private Optional<InputStream> in;

    StreamSource(String name, InputStream in, Instant written) {
      this.name = name;
      this.in = Optional.of(in);
      this.written = written;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public Optional<Path> file() {
      return Optional.empty();
    }

    @Override
    public Instant written() {
      return written;
    }

    @Override
    public InputStream open() throws IOException {
      InputStream once =
          in.orElseThrow(() -> new LogsException(name + " can be read only once: give a file"));
      in = Optional.empty();
      return Compression.unpacked(once, name);
    }
  }
}
