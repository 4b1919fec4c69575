// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.regex.Pattern;

/** One statement. Its {@link #toString} is the masked form, the only one that is ever written. */
record Sql(String text) {
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i)(\\w*PASSWORD\\w*(?:\\s*[=(]\\s*|\\s+)|\\b(?:IDENTIFIED\\s+BY|USING|AS)\\s+)"
              + "('(?:[^'\\\\]|\\\\.|'')*'|0x[0-9a-f]+)");

  static Sql of(String text) {
    return new Sql(text);
  }

  /** The text with every password and password hash replaced by stars. */
  String masked() {
    return SECRET.matcher(text).replaceAll("$1'****'");
  }

  /** A string literal; backslashes and quotes are doubled, so the default sql_mode reads it. */
  static String quote(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'";
  }

  /** A quoted name of a schema or table. */
  static String name(String value) {
    return "`" + value.replace("`", "``") + "`";
  }

  @Override
  public String toString() {
    return masked();
  }
}
