// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code SELECT VERSION()} says: the family and three numbers. */
record ServerVersion(boolean mariaDb, int major, int minor, int patch) {
  private static final Pattern NUMBERS = Pattern.compile("(\\d+)\\.(\\d+)(?:\\.(\\d+))?");

  /** Reads e.g. {@code 10.11.19-MariaDB-log}, {@code 5.5.5-10.4.1-MariaDB}, {@code 8.0.36}. */
  static ServerVersion parse(String text) {
    boolean mariaDb = text.contains("MariaDB");
    String numbers = mariaDb && text.startsWith("5.5.5-") ? text.substring(6) : text;
    Matcher matcher = NUMBERS.matcher(numbers);
    if (!matcher.find()) {
      throw new MoveFailure("no version number in '" + text + "'");
    }
    String patch = matcher.group(3);
    return new ServerVersion(
        mariaDb,
        Integer.parseInt(matcher.group(1)),
        Integer.parseInt(matcher.group(2)),
        patch == null ? 0 : Integer.parseInt(patch));
  }

  boolean atLeast(int a, int b, int c) {
    return major != a ? major > a : minor != b ? minor > b : patch >= c;
  }

  /** Compares the series (first two numbers), which is what replication depends on. */
  int compareSeries(ServerVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return (mariaDb ? "MariaDB " : "MySQL ") + major + "." + minor + "." + patch;
  }
}
