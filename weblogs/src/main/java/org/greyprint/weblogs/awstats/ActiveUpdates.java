// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Updates of AWStats that run now. One that has read a history before it is replaced would write
 * the old one back.
 */
final class ActiveUpdates {
  private ActiveUpdates() {}

  /**
   * Waits until no awstats.pl is at a site.
   *
   * @throws RebuildException if one still is after so long
   */
  static void await(SiteConfig site, Duration patience) throws RebuildException {
    Optional<ProcessHandle> active = active(site);
    long until = System.nanoTime() + patience.toNanos();
    while (active.isPresent()) {
      long left = until - System.nanoTime();
      try {
        if (left <= 0) {
          throw new TimeoutException();
        }
        active.get().onExit().get(left, TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        throw new RebuildException(
            "AWStats is updating "
                + site.name()
                + " (process "
                + active.get().pid()
                + "); run this again when it has ended",
            e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new RebuildException("interrupted", e);
      } catch (ExecutionException e) {
        throw new RebuildException("cannot wait for process " + active.get().pid(), e);
      }
      active = active(site);
    }
  }

  private static Optional<ProcessHandle> active(SiteConfig site) {
    return ProcessHandle.allProcesses()
        .filter(
            process -> process.info().arguments().map(words -> isUpdate(words, site)).orElse(false))
        .findFirst();
  }

  /** An awstats.pl on this configuration; our own runs have one in the work folder. */
  static boolean isUpdate(String[] words, SiteConfig site) {
    boolean program = false;
    boolean name = false;
    Path folder = site.file().toAbsolutePath().getParent();
    boolean elsewhere = false;
    for (String word : words) {
      String option = word.replaceFirst("^-+", "");
      program |= word.endsWith("awstats.pl");
      name |= option.equals("config=" + site.name());
      if (option.startsWith("configdir=")) {
        elsewhere = !Path.of(option.substring("configdir=".length())).equals(folder);
      }
    }
    return program && name && !elsewhere;
  }
}
