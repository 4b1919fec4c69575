// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;

/**
 * The name in an AUTH dialogue that passes by: of PLAIN (RFC 4616) and LOGIN. Nothing else of it is
 * kept, and nothing is logged.
 */
final class Login {
  /** What an authenticated user is called whose mechanism does not show the name. */
  static final String NAMELESS = "(authenticated)";

  private final String mechanism;
  private String name = "";
  private int challenges;

  /** Begins with AUTH's argument. */
  Login(String argument) {
    String[] words = argument.split(" +", 2);
    mechanism = words[0].toUpperCase(Locale.ROOT);
    if (words.length == 2) {
      answered(words[1]);
    }
  }

  void challenged() {
    challenges++;
  }

  /** The client's next line. */
  void answered(String line) {
    if (!name.isEmpty()) {
      return;
    }
    if (mechanism.equals("PLAIN")) {
      String[] parts = decode(line).split("\0", -1);
      name = parts.length == 3 ? parts[1] : "";
    } else if (mechanism.equals("LOGIN") && challenges <= 1) {
      name = decode(line);
    }
  }

  String name() {
    return name.matches("[^\\p{Cntrl}]{1,255}") ? name : NAMELESS;
  }

  private static String decode(String line) {
    try {
      return new String(Base64.getDecoder().decode(line.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }
}
