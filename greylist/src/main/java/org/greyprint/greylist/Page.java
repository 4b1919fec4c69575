// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.util.List;
import java.util.Optional;

/**
 * A part of a long list.
 *
 * @param items what is on it
 * @param next where the next page begins; empty on the last one
 */
public record Page<T>(List<T> items, Optional<String> next) {
  /** Makes the items unchangeable. */
  public Page {
    items = List.copyOf(items);
  }
}
