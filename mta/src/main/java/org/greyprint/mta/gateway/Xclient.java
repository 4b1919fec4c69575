// SPDX-License-Identifier: Apache-2.0
package org.greyprint.mta.gateway;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The XCLIENT command, which tells a server that trusts us who its client is.
 *
 * <p>Source: Postfix, XCLIENT_README. The name is given as not available: the gateway looks none
 * up.
 */
final class Xclient {
  private Xclient() {}

  /**
   * The command with those attributes that are offered.
   *
   * @param offered the parameters of the next hop's XCLIENT keyword
   */
  static String of(Caller caller, String offered, NextHop nextHop) {
    Set<String> names = Set.of(offered.toUpperCase(Locale.ROOT).split(" +", -1));
    List<String> words = new ArrayList<>();
    words.add("XCLIENT");
    add(words, names, "NAME", "[UNAVAILABLE]");
    add(words, names, "ADDR", address(caller.client().getAddress()));
    add(words, names, "PORT", Integer.toString(caller.client().getPort()));
    boolean lmtp = nextHop instanceof NextHop.Lmtp;
    if (!lmtp) {
      add(words, names, "PROTO", caller.extended() ? "ESMTP" : "SMTP");
      add(words, names, "HELO", xtext(caller.helo()));
    }
    add(words, names, "DESTADDR", address(caller.server().getAddress()));
    add(words, names, "DESTPORT", Integer.toString(caller.server().getPort()));
    return String.join(" ", words);
  }

  private static void add(List<String> words, Set<String> names, String name, String value) {
    if (names.contains(name) && !value.isEmpty()) {
      words.add(name + "=" + value);
    }
  }

  static String address(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    String plain = scope < 0 ? text : text.substring(0, scope);
    return address instanceof Inet6Address ? "IPV6:" + plain : plain;
  }

  /** RFC 3461, 4: printable ASCII but "+" and "=" stands for itself. */
  static String xtext(String text) {
    StringBuilder out = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c > ' ' && c <= '~' && c != '+' && c != '=') {
        out.append(c);
      } else {
        out.append(String.format(Locale.ROOT, "+%02X", c & 0xff));
      }
    }
    return out.toString();
  }
}
