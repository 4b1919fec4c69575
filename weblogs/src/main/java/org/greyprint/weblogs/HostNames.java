// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Names of files for names of virtual hosts, which come from outside and may be anything.
 *
 * <p>The port and a last dot are left out, letters are made small. All but letters, digits, dots,
 * hyphens and underscores is written as {@code %xx}, and so is a dot or an underscore at the
 * beginning: no name leaves the folder, is hidden, or is one of ours. A long name is cut and ends
 * with a hash of the whole.
 */
final class HostNames {
  /** For lines that have no virtual host. */
  static final String NONE = "_no_host";

  /** For lines of hosts beyond the most that get files of their own. */
  static final String OTHERS = "_other_hosts";

  private static final int LONGEST = 180;

  private HostNames() {}

  static String fileName(byte[] line, int from, int to) {
    String host = new String(line, from, to - from, StandardCharsets.ISO_8859_1);
    host = withoutPort(host.toLowerCase(Locale.ROOT));
    if (host.length() > 1 && host.endsWith(".")) {
      host = host.substring(0, host.length() - 1);
    }
    if (host.isEmpty()) {
      return NONE + ".log";
    }
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < host.length(); i++) {
      char c = host.charAt(i);
      boolean plain =
          c >= 'a' && c <= 'z'
              || c >= '0' && c <= '9'
              || c == '-'
              || i > 0 && (c == '.' || c == '_');
      if (plain) {
        name.append(c);
      } else {
        name.append(String.format(Locale.ROOT, "%%%02x", (int) c));
      }
    }
    if (name.length() > LONGEST) {
      byte[] octets = host.getBytes(StandardCharsets.ISO_8859_1);
      name.setLength(LONGEST);
      name.append('%').append(Hashes.of(octets, octets.length), 0, 32);
    }
    return name.append(".log").toString();
  }

  private static String withoutPort(String host) {
    int colon = host.lastIndexOf(':');
    if (colon < 0 || host.indexOf(':') < colon && !host.startsWith("[")) {
      return host;
    }
    if (host.startsWith("[") && host.indexOf(']') > colon) {
      return host;
    }
    for (int i = colon + 1; i < host.length(); i++) {
      if (host.charAt(i) < '0' || host.charAt(i) > '9') {
        return host;
      }
    }
    return host.substring(0, colon);
  }
}
