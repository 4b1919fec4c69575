// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.serve;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.greyprint.app.config.Configuration;

/** What of a new configuration only a restart takes over. */
final class Changes {
  private record Key(String name, Function<Configuration, Object> value) {}

  private static final List<Key> FIXED =
      List.of(
          new Key("state", Configuration::state),
          new Key("capture", Configuration::captures),
          new Key("clients", Configuration::clients),
          new Key("store", Configuration::store),
          new Key("header, patience, id-in-reply", Configuration::face),
          new Key("id-header", Configuration::idHeader),
          new Key("marks-header", Configuration::marksHeader),
          new Key("journal", Configuration::journal),
          new Key("listen.milter, milter", Configuration::milter),
          new Key("listen.policy, policy", Configuration::policy),
          new Key("listen.p0f", Configuration::p0f),
          new Key("listen.admin, admin", Configuration::admin),
          new Key("listen.gateway", each -> each.gateway().map(Configuration.Gateway::settings)),
          new Key("dns", each -> each.dns().map(Changes::withoutArrays)));

  private Changes() {}

  /** The keys that differ and that nothing but a restart brings into force. */
  static List<String> needRestart(Configuration former, Configuration fresh) {
    List<String> names = new ArrayList<>();
    for (Key key : FIXED) {
      if (!Objects.equals(key.value().apply(former), key.value().apply(fresh))) {
        names.add(key.name());
      }
    }
    return names;
  }

  /** Codes of lists are arrays inside, which compare by identity. */
  private static Object withoutArrays(org.greyprint.decision.DnsSettings settings) {
    List<Object> parts = new ArrayList<>();
    parts.add(settings.with(List.of()));
    settings
        .lists()
        .forEach(list -> {
          parts.add(List.of(list.name(), list.zone(), list.allow()));
          list.codes()
              .forEach(code -> {
                parts.add(code.weight());
                code.octets().forEach(octets -> parts.add(List.of(octets[0], octets[1])));
              });
        });
    return parts;
  }
}
