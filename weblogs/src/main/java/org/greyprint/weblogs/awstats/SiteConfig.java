// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.awstats;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One site of AWStats, as its configuration tells.
 *
 * @param name what {@code -config=} takes: SITE of {@code awstats.SITE.conf}
 * @param file the configuration file
 * @param suffix what history files carry: {@code .SITE}, or nothing for {@code awstats.conf}
 * @param domain SiteDomain
 * @param aliases HostAliases, as patterns that are found anywhere in a host's name
 * @param type LogType: W (web), M (mail), F or S
 * @param format LogFormat, without backslashes, as AWStats takes it
 * @param logFile LogFile, a path or a command
 * @param directory DirData
 * @param locking whether EnableLockForUpdate is on
 * @param resolves whether AWStats looks up names of addresses itself (DNSLookup=1)
 * @param plugins values of LoadPlugin
 * @param lines the configuration with everything included in place
 */
record SiteConfig(
    String name,
    Path file,
    String suffix,
    String domain,
    List<Pattern> aliases,
    char type,
    String format,
    String logFile,
    Path directory,
    boolean locking,
    boolean resolves,
    List<String> plugins,
    List<String> lines) {

  /** Where a record carries its date, by LogFormat. */
  enum DateKind {
    /** {@code [31/Jan/2026:12:00:00 +0100]}. */
    BRACKETS,
    /** {@code 2026-01-31 12:00:00} or with a T between. */
    ISO
  }

  /** Whether the records carry the virtual host. */
  boolean namesHost() {
    return format.contains("%virtualname")
        || format.contains("%vh")
        || format.matches(".*%v(\\s.*|$)");
  }

  /**
   * Whether AWStats may take records of a virtual host for this site's: a host that it would not
   * take is dropped by AWStats itself.
   */
  boolean mayTake(String host) {
    String bare = host;
    int colon = host.lastIndexOf(':');
    if (colon > 0 && host.indexOf(']') < colon) {
      bare = host.substring(0, colon);
    }
    if (bare.toLowerCase(Locale.ROOT).equals(domain.toLowerCase(Locale.ROOT))) {
      return true;
    }
    for (Pattern alias : aliases) {
      if (alias.matcher(host).find() || alias.matcher(bare).find()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Where the date is.
   *
   * @throws RebuildException if the format has its date in a way that is not supported
   */
  DateKind dateKind() throws RebuildException {
    if (format.equals("1") || format.equals("4") || format.equals("6")) {
      return DateKind.BRACKETS;
    }
    if (format.contains("%time1") || format.matches(".*%t(\\s.*|$)")) {
      return DateKind.BRACKETS;
    }
    if (format.equals("2")
        || format.contains("%time2")
        || format.contains("%time5")
        || format.contains("date time")) {
      return DateKind.ISO;
    }
    throw new RebuildException(
        file
            + ": LogFormat \""
            + format
            + "\" has its date in no form that can be rebuilt from"
            + " (supported: %time1, %time2, %time5, and formats 1, 2, 4 and 6)");
  }
}
