// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;

/** The functions that rules have beyond CEL's own. */
final class RuleFunctions {
  private RuleFunctions() {}

  /** address.within(network): whether an address, as text, is in a network. */
  static boolean within(String address, String network) {
    Optional<InetAddress> client = Addresses.parse(address);
    Network wide =
        Network.parse(network)
            .orElseThrow(() -> new IllegalArgumentException("no network: " + network));
    return client.isPresent() && wide.contains(client.get());
  }

  /** name.under(domain): whether a host name is that domain or below it; case does not count. */
  static boolean under(String name, String domain) {
    String host = plain(name);
    String top = plain(domain);
    return !top.isEmpty() && (host.equals(top) || host.endsWith("." + top));
  }

  private static String plain(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  /** What is wrong with a function's written-out last argument, or "". */
  static String wrong(String function, String argument) {
    if (function.equals("within") && Network.parse(argument).isEmpty()) {
      return "'" + argument + "' is no network such as 192.0.2.0/24 or 2001:db8::/32";
    }
    if (function.equals("under") && plain(argument).isEmpty()) {
      return "an empty domain has nothing under it";
    }
    if (function.equals("matches")) {
      try {
        Pattern.compile(argument);
      } catch (PatternSyntaxException e) {
        return "'" + argument + "' is no pattern: " + e.getDescription();
      }
    }
    return "";
  }
}
