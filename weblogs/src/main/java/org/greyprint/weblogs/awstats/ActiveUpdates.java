// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.time.Duration;
import java.util.Arrays;
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
  static void await(String site, Duration patience) throws RebuildException {
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
                + site
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

  /** An awstats.pl on this site that is not ours. */
  private static Optional<ProcessHandle> active(String site) {
    return ProcessHandle.allProcesses()
        .filter(process -> isUpdate(process, site))
        .filter(process -> !isOurs(process))
        .findFirst();
  }

  private static boolean isOurs(ProcessHandle process) {
    ProcessHandle self = ProcessHandle.current();
    for (Optional<ProcessHandle> up = Optional.of(process);
        up.isPresent();
        up = up.get().parent()) {
      if (up.get().equals(self)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isUpdate(ProcessHandle process, String site) {
    return process
        .info()
        .arguments()
        .map(arguments ->
            Arrays.stream(arguments).anyMatch(a -> a.endsWith("awstats.pl"))
                && Arrays.stream(arguments)
                    .anyMatch(a -> a.replaceFirst("^-+", "").equals("config=" + site)))
        .orElse(false);
  }
}
