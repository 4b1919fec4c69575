// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.greyprint.app.config.Configuration;
import org.greyprint.capture.Source;
import org.greyprint.milter.Endpoint;

/** What listens where, and how the parts stand, for people. */
final class Banner {
  private Banner() {}

  static List<String> of(
      Parts parts, Configuration configuration, Optional<InetSocketAddress> admin) {
    List<String> lines = new ArrayList<>();
    parts
        .gateway()
        .ifPresent(gateway -> {
          String hop = configuration.gateway().orElseThrow().settings().nextHop().toString();
          gateway
              .addresses()
              .forEach(address -> lines.add(line("SMTP", text(address) + ", next hop " + hop)));
        });
    parts.milter().ifPresent(milter -> lines.add(line("milter", list(milter.endpoints()))));
    parts.policy().ifPresent(policy -> lines.add(line("policy", list(policy.endpoints()))));
    parts.p0f().ifPresent(p0f -> lines.add(line("p0f", list(p0f.endpoints()))));
    admin.ifPresent(address -> lines.add(line("admin", "http://" + text(address) + "/")));
    for (Source.Status status : parts.captures().statuses()) {
      lines.add(line("capture", status.line().replaceFirst("^capture on ", "")));
    }
    if (configuration.captures().isEmpty() && parts.gateway().isEmpty()) {
      lines.add(line("capture", "none: every client is of unknown system and delivered"));
    }
    lines.add(line("state", configuration.state().toString()));
    lines.add(
        line(
            "store",
            configuration.store() + parts.greylist().trouble().map(t -> ": " + t).orElse("")));
    if (configuration.observe()) {
      lines.add(line("mode", "observe: nothing is deferred"));
    }
    parts
        .gateway()
        .ifPresent(gateway ->
            lines.add(
                line(
                    "try",
                    "swaks --server "
                        + text(gateway.addresses().getFirst())
                        + " --to someone@example.net")));
    return lines;
  }

  private static String line(String what, String text) {
    return String.format(Locale.ROOT, "  %-8s %s", what, text);
  }

  private static String list(List<Endpoint> endpoints) {
    return String.join(", ", endpoints.stream().map(Endpoint::toString).toList());
  }

  /** An address with its port, an IPv6 one in brackets. */
  static String text(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
