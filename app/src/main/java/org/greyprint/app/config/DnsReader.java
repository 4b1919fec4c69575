// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.greyprint.decision.DnsList;
import org.greyprint.decision.DnsSettings;

/** Reads {@code dns}. */
final class DnsReader {
  private static final Pattern ZONE =
      Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*\\.?");

  private DnsReader() {}

  /** The settings; empty where an empty list of servers says that DNS is not to be asked. */
  static Optional<DnsSettings> read(Section section) {
    DnsSettings defaults = DnsSettings.DEFAULT;
    boolean off =
        section
            .find("servers")
            .filter(value -> value.isList() && value.items().isEmpty())
            .isPresent();
    List<InetSocketAddress> servers =
        section.list("servers", DnsReader::server, "an address such as 127.0.0.1 or [::1]:53");
    List<DnsList> lists = new ArrayList<>();
    lists.addAll(lists(section, "block-lists", false));
    lists.addAll(lists(section, "allow-lists", true));
    DnsSettings read =
        new DnsSettings(
            servers,
            section.time("deadline", defaults.deadline(), Duration.ZERO, Duration.ofSeconds(30)),
            section.time(
                "try-timeout",
                defaults.tryTimeout(),
                Duration.ofMillis(10),
                Duration.ofSeconds(10)),
            section.integer("cache", defaults.cache(), 100, 10_000_000),
            lists);
    section.end();
    return off ? Optional.empty() : Optional.of(read);
  }

  /** Name servers are told by address; the port is 53 where none is given. */
  private static Optional<InetSocketAddress> server(String text) {
    boolean bare = text.matches("[0-9.]+|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*") && !text.contains("]");
    boolean ipv4WithPort = text.matches("[0-9.]+:\\d{1,5}");
    String full = text;
    if (bare && !ipv4WithPort) {
      full = text.contains(":") ? "[" + text + "]:53" : text + ":53";
    } else if (text.matches("\\[[0-9A-Fa-f:.]+]")) {
      full = text + ":53";
    }
    return full.matches("([0-9.]+|\\[[0-9A-Fa-f:.]+]):\\d{1,5}")
        ? ConfigurationReader.inet(full)
        : Optional.empty();
  }

  private static List<DnsList> lists(Section section, String key, boolean allow) {
    List<DnsList> lists = new ArrayList<>();
    for (Value item : section.list(key)) {
      if (!item.isMapping()) {
        item.problem("give 'zone: NAME', such as 'zone: zen.spamhaus.org'");
        continue;
      }
      Section list = item.section();
      String zone =
          list.parse(
              "zone",
              "",
              text -> ZONE.matcher(text).matches() ? Optional.of(text) : Optional.empty(),
              "the name of a DNS zone");
      if (!list.has("zone")) {
        list.problem(item.position(), list.full("zone") + " is missing");
      }
      String name = list.text("name", zone);
      double weight = list.decimal("weight", 1, -1000, 1000);
      List<DnsList.Code> codes =
          list.list(
              "codes",
              text -> DnsList.Code.parse(text, weight),
              "four octets such as 127.0.0.2, 127.0.0.10-11 or 127.0.*.1");
      if (codes.isEmpty()) {
        codes = List.of(DnsList.Code.parse("127.*.*.*", weight).orElseThrow());
      }
      lists.add(new DnsList(name, zone, allow, codes));
      list.end();
    }
    return lists;
  }
}
