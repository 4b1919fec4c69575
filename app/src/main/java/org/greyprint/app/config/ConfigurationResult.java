// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.util.List;
import java.util.stream.Collectors;

/** What came of reading a configuration: itself, or every mistake in it. */
public sealed interface ConfigurationResult permits Configuration, ConfigurationResult.Faulty {
  /**
   * A configuration that cannot be used.
   *
   * @param problems at least one, in the order of the file
   */
  record Faulty(List<Problem> problems) implements ConfigurationResult {
    /** One line a mistake. */
    @Override
    public String toString() {
      return problems.stream().map(Problem::toString).collect(Collectors.joining("\n"));
    }
  }
}
