// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What was found and done for a site.
 *
 * @param newer records newer than AWStats' last one
 * @param rebuilt whether months were replaced
 * @param newestRebuilt whether the newest month was: the newer records are in it then; else
 *     AWStats' next update counts them
 * @param backup where the old history is, if it was replaced
 * @param notes what else is worth knowing
 * @param failure why nothing was changed, if something went wrong
 */
public record SiteReport(
    String site,
    Path directory,
    List<MonthVerdict> months,
    long newer,
    boolean rebuilt,
    boolean newestRebuilt,
    Optional<Path> backup,
    List<String> notes,
    Optional<String> failure) {

  /** Months that are wrong, or were. */
  public List<MonthVerdict> wrong() {
    return months.stream().filter(month -> month.kind().wrong()).toList();
  }

  /** Whether all that was asked for is done. */
  public boolean good() {
    return failure.isEmpty()
        && months.stream().noneMatch(month -> month.kind() == MonthVerdict.Kind.INCOMPLETE);
  }
}
