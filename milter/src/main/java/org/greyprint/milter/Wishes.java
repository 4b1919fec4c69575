// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a filter wants of each MTA connection.
 *
 * @param actions what it will do, {@link Actions}
 * @param steps what it does not need, or does not answer, {@link Steps}
 * @param macros which macros it wants, by stage; names separated by spaces
 */
public record Wishes(int actions, int steps, Map<Stage, String> macros) {
  /** The oldest version of the protocol that is spoken here. */
  public static final int OLDEST = 2;

  /** The newest one. */
  public static final int NEWEST = 6;

  public Wishes {
    macros = macros.isEmpty() ? Map.of() : Collections.unmodifiableMap(new EnumMap<>(macros));
  }

  /**
   * The answer to an MTA's offer: the lower version, and no action or step that was not offered
   * (Postfix takes one for a broken filter). Macros are asked for where the MTA can be asked.
   *
   * @return empty if the offered version is older than {@link #OLDEST}
   */
  public Optional<Reply.Agreed> answer(Command.Negotiate offer) {
    if (offer.version() < OLDEST) {
      return Optional.empty();
    }
    int version = Math.min(offer.version(), NEWEST);
    int agreed = actions & offer.actions();
    Map<Integer, String> wanted = new LinkedHashMap<>();
    if (version >= 6 && (offer.actions() & Actions.REQUEST_MACROS) != 0 && !macros.isEmpty()) {
      agreed |= Actions.REQUEST_MACROS;
      macros.forEach((stage, names) -> {
        if (stage.request() >= 0 && !names.isBlank()) {
          wanted.put(stage.request(), names);
        }
      });
    } else {
      agreed &= ~Actions.REQUEST_MACROS;
    }
    int known = stepsOf(version);
    return Optional.of(
        new Reply.Agreed(
            version, agreed, steps & offer.steps() & known, Collections.unmodifiableMap(wanted)));
  }

  /** The steps that exist in a version: 0 to 6 in 2, UNKNOWN since 3, DATA since 4, all in 6. */
  private static int stepsOf(int version) {
    return switch (version) {
      case 2 -> 0x7f;
      case 3 -> 0x17f;
      case 4, 5 -> 0x37f;
      default -> 0x1fffff;
    };
  }
}
