// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The real awstats.pl, run on a configuration of ours. */
final class Awstats {
  /** Where the packages of Debian, Fedora, FreeBSD and AWStats itself put it. */
  private static final List<String> USUAL =
      List.of(
          "/usr/lib/cgi-bin/awstats.pl",
          "/usr/share/awstats/wwwroot/cgi-bin/awstats.pl",
          "/usr/local/awstats/wwwroot/cgi-bin/awstats.pl",
          "/usr/local/www/awstats/cgi-bin/awstats.pl",
          "/var/www/awstats/awstats.pl",
          "/var/www/cgi-bin/awstats.pl",
          "/srv/www/cgi-bin/awstats.pl");

  private static final Pattern COUNT =
      Pattern.compile(
          "^(Jumped lines in file:|Parsed lines in file:| Found) (\\d+)"
              + "(?: (dropped|comments|blank|corrupted|old|new)\\b.*)?$");
  private static final Pattern STEP = Pattern.compile("^(\\d+) lines processed \\(.*");
  private static final int KEPT = 12;

  private final Path program;

  private Awstats(Path program) {
    this.program = program;
  }

  /** What a run said about each line it read; the counts add up to the lines of the file. */
  record Run(
      long jumped,
      long parsed,
      long dropped,
      long comments,
      long blank,
      long corrupted,
      long old,
      long counted,
      long outOfOrder) {}

  /**
   * Finds the program.
   *
   * @param given where the user says it is
   * @throws RebuildException if it is there not, or nowhere
   */
  static Awstats find(Optional<Path> given) throws RebuildException {
    if (given.isPresent()) {
      if (!Files.isRegularFile(given.get())) {
        throw new RebuildException(given.get() + ": no such program");
      }
      return new Awstats(given.get().toAbsolutePath());
    }
    for (String usual : USUAL) {
      Path path = Path.of(usual);
      if (Files.isRegularFile(path)) {
        return new Awstats(path);
      }
    }
    throw new RebuildException(
        "awstats.pl is at none of "
            + String.join(", ", USUAL)
            + "; say where with"
            + " --awstats-program");
  }

  Path program() {
    return program;
  }

  /** The folder of the program; a relative DirData starts there. */
  Path folder() {
    Path parent = program.getParent();
    return parent == null ? Path.of("/") : parent;
  }

  /**
   * Runs an update.
   *
   * @param configurations the folder of the site's configuration
   * @param site what {@code -config=} takes
   * @param owner runs as this user, if it is not the one we are
   * @param more further options
   * @param progress gets the number of lines done
   * @throws RebuildException if it ends with an error, by a signal or without its summary
   */
  Run update(
      Path configurations,
      String site,
      Optional<Owner> owner,
      Path folder,
      List<String> more,
      LongConsumer progress)
      throws IOException, RebuildException {
    List<String> command = new ArrayList<>();
    owner.ifPresent(other -> command.addAll(other.prefix()));
    if (!Files.isExecutable(program)) {
      command.add("perl");
    }
    command.add(program.toString());
    command.add("-config=" + site);
    command.add("-configdir=" + configurations);
    command.add("-update");
    command.add("-showsteps");
    command.add("-showcorrupted");
    command.addAll(more);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.redirectErrorStream(true);
    builder.redirectInput(Path.of("/dev/null").toFile());
    Map<String, String> environment = builder.environment();
    environment
        .keySet()
        .removeIf(name -> name.startsWith("AWSTATS_") || name.equals("GATEWAY_INTERFACE"));
    Process process = builder.start();
    try {
      Output output = new Output(progress);
      try (BufferedReader in =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          output.take(line);
        }
      }
      int status = process.waitFor();
      if (status != 0) {
        throw new RebuildException(
            program + " -config=" + site + " ended with status " + status + ": " + output.last());
      }
      return output
          .run()
          .orElseThrow(() ->
              new RebuildException(
                  program + " -config=" + site + " did not come to its end: " + output.last()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RebuildException("interrupted", e);
    } finally {
      stop(process);
    }
  }

  private static void stop(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
      try {
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
          process.destroyForcibly();
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Takes the output line by line and keeps no more than the end of it. */
  private static final class Output {
    private final LongConsumer progress;
    private final Deque<String> last = new ArrayDeque<>();
    private final long[] counts = new long[8];
    private int found;
    private long outOfOrder;

    Output(LongConsumer progress) {
      this.progress = progress;
    }

    void take(String line) {
      if (line.startsWith("Corrupted record (date ")) {
        outOfOrder++;
        return;
      }
      if (line.startsWith("Corrupted record")
          || line.startsWith("Comment record")
          || line.startsWith("Blank record")) {
        return;
      }
      Matcher step = STEP.matcher(line);
      if (step.matches()) {
        progress.accept(Long.parseLong(step.group(1)));
        return;
      }
      if (last.size() == KEPT) {
        last.removeFirst();
      }
      last.addLast(line.length() > 300 ? line.substring(0, 300) : line);
      Matcher count = COUNT.matcher(line);
      if (count.matches()) {
        count(count);
      }
    }

    private void count(Matcher count) {
      String what = count.group(3) == null ? count.group(1).substring(0, 6) : count.group(3);
      int index =
          switch (what) {
            case "Jumped" -> 0;
            case "Parsed" -> 1;
            case "dropped" -> 2;
            case "comments" -> 3;
            case "blank" -> 4;
            case "corrupted" -> 5;
            case "old" -> 6;
            case "new" -> 7;
            default -> -1;
          };
      if (index >= 0) {
        counts[index] = Long.parseLong(count.group(2));
        found |= 1 << index;
      }
    }

    Optional<Run> run() {
      // AWStats 7.0 tells nothing of comments and blank lines apart; all else is always there.
      int needed = 0b1110_0111;
      if ((found & needed) != needed) {
        return Optional.empty();
      }
      return Optional.of(
          new Run(
              counts[0],
              counts[1],
              counts[2],
              counts[3],
              counts[4],
              counts[5],
              counts[6],
              counts[7],
              outOfOrder));
    }

    String last() {
      return last.isEmpty() ? "it said nothing" : String.join(" / ", last);
    }
  }
}
