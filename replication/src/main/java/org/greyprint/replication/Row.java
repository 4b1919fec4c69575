// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.util.Map;

/** One row of an answer; columns by name, of any case; SQL's NULL and absent columns are "". */
record Row(Map<String, String> columns) {
  /** The first of the named columns that the row has. */
  String get(String... names) {
    for (String name : names) {
      String value = columns.get(name);
      if (value != null) {
        return value;
      }
    }
    return "";
  }

  /** A number; 0 where the column is absent or NULL. */
  long number(String... names) {
    String value = get(names);
    return value.isEmpty() ? 0 : Long.parseLong(value);
  }

  boolean has(String name) {
    return columns.containsKey(name);
  }
}
