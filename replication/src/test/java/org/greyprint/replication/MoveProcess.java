// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.greyprint.testkit.Programs;

/**
 * The move in a process of its own, that stands still at a place of the test's choice, so that it
 * can be killed there with SIGKILL.
 */
final class MoveProcess {
  /**
   * How a run ended.
   *
   * @param place where it stood and was killed; empty where it ran to its end
   * @param said the message it ended with
   */
  record Ended(Optional<String> place, String said, boolean failed) {}

  private MoveProcess() {}

  /**
   * The child's side: from, to, method, journal, tools, go or back, the places to pass (* for all,
   * !x but x).
   */
  public static void main(String[] arguments) throws InterruptedException {
    List<String> given = List.of(arguments);
    Set<String> passed = Set.copyOf(given.subList(6, given.size()));
    MoveSettings settings =
        MoveSettings.of(
                Address.parse(given.get(0)).orElseThrow(),
                Address.parse(given.get(1)).orElseThrow(),
                Access.password("").replicatingAs("repl", Rig.REPLICATION_PASSWORD),
                Path.of(given.get(3)))
            .withTools(List.of(Path.of(given.get(4))))
            .withMethod(Optional.of(MoveSettings.Method.valueOf(given.get(2))));
    Move move =
        new Move(
            settings,
            Progress.silent(),
            place -> {
              boolean pass =
                  passed.contains(place) || passed.contains(plain(place)) || passed.contains("*");
              if (!pass || passed.contains("!" + place)) {
                say("AT " + place);
                stand();
              }
            });
    try {
      say("DONE " + (given.get(5).equals("go") ? move.go() : move.back()).message());
    } catch (MoveFailure e) {
      say("FAILED " + e.getMessage());
    }
  }

  /** A place without the server's name that is in it, which is another one with other servers. */
  static String plain(String place) {
    return place.replaceFirst(" 127\\.0\\.0\\.1:\\d+", "");
  }

  private static void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private static void stand() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The test's side: runs it to the first place that is not to be passed, and kills it there. */
  static Ended run(MoveSettings settings, String action, Set<String> passed) {
    List<String> command = Programs.jvm("128m", MoveProcess.class);
    command.addAll(
        List.of(
            settings.from().toString(),
            settings.to().toString(),
            settings.method().orElseThrow().name(),
            settings.journal().toString(),
            settings.tools().getFirst().toString(),
            action));
    command.addAll(passed);
    try {
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      try (BufferedReader out =
          new BufferedReader(
              new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
        for (String line = out.readLine(); line != null; line = out.readLine()) {
          if (line.startsWith("AT ")) {
            process.destroyForcibly().waitFor(); // SIGKILL
            return new Ended(Optional.of(line.substring(3)), "", false);
          }
          if (line.startsWith("DONE ") || line.startsWith("FAILED ")) {
            process.waitFor();
            return new Ended(Optional.empty(), line, line.startsWith("FAILED "));
          }
        }
      } finally {
        process.destroyForcibly();
      }
      throw new AssertionError("the process ended without a word: " + process.waitFor());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
