// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.runtime.CelVariableResolver;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.OperatingSystem;

/**
 * What is known when rules look at an inquiry. Reading a field that hangs on DNS before DNS has
 * answered throws a signal, which CEL's logic absorbs where the other side of && or || settles the
 * matter; where it does not, the reader learns what is missing. Not safe for several threads at
 * once; handed from one to the next.
 */
final class Facts implements CelVariableResolver {
  /** Says that a field is not known (yet). */
  static final class Missing extends RuntimeException {
    private static final long serialVersionUID = 1;
    static final Missing SIGNAL = new Missing();

    private Missing() {
      super("not known", null, false, false);
    }
  }

  private final Inquiry inquiry;
  private final DnsFacts dns;
  private final Fields fields;
  private final Set<Need> awaited = EnumSet.noneOf(Need.class);
  private boolean unknown;
  private double points;

  Facts(Inquiry inquiry, DnsFacts dns, Fields fields) {
    this.inquiry = inquiry;
    this.dns = dns;
    this.fields = fields;
  }

  @Override
  public Optional<Object> find(String name) {
    if (name.equals(Rules.EXTRA)) {
      return Optional.of(inquiry.extra());
    }
    Optional<Field> field = fields.find(name);
    if (field.isEmpty()) {
      return Optional.empty();
    }
    boolean missing = false;
    for (Need need : field.get().needs()) {
      if (!dns.settled(need)) {
        awaited.add(need);
        missing = true;
      } else if (!field.get().explicit() && !dns.known(need)) {
        unknown = true;
        missing = true;
      }
    }
    if (missing) {
      throw Missing.SIGNAL;
    }
    return Optional.of(field.get().reader().apply(this));
  }

  /** Forgets what the last rule missed. */
  void clear() {
    awaited.clear();
    unknown = false;
  }

  /** What the last rule would have had to wait for. */
  Set<Need> awaited() {
    return awaited;
  }

  /** Whether the last rule read something that stays unknown. */
  boolean unknown() {
    return unknown;
  }

  Inquiry inquiry() {
    return inquiry;
  }

  Inquiry.Client client() {
    return inquiry.client();
  }

  Inquiry.Session session() {
    return inquiry.session();
  }

  Inquiry.Envelope envelope() {
    return inquiry.envelope();
  }

  String address() {
    return inquiry.client().address().getHostAddress();
  }

  OperatingSystem os() {
    return inquiry.fingerprint().map(Fingerprint::os).orElse(OperatingSystem.UNKNOWN);
  }

  <T> T print(Function<Fingerprint, T> reader, T absent) {
    Optional<Fingerprint> print = inquiry.fingerprint();
    return print.isPresent() ? reader.apply(print.get()) : absent;
  }

  Reverse reverse() {
    return dns.reverse();
  }

  HeloFinding helo() {
    return dns.helo();
  }

  SpfFinding spf() {
    return dns.spf();
  }

  ListFindings lists() {
    return dns.lists();
  }

  /** A mail server's DNS: a confirmed name that is not made from the address, and HELO agrees. */
  boolean mailServer() {
    return !reverse().confirmed().isEmpty()
        && !reverse().generic()
        && !reverse().dynamic()
        && helo().matches()
        && HostNames.kind(session().helo()).equals("name");
  }

  double points() {
    return points;
  }

  void addPoints(double more) {
    points += more;
  }

  /** Evidence of the face, or what speaks for nothing. */
  Object extra(String name, FieldType type) {
    Map<String, Object> extra = inquiry.extra();
    Object value = extra.get(name);
    if (value == null && name.indexOf('_') >= 0) {
      value = extra.get(name.replace('_', '-'));
    }
    if (value instanceof Integer number && type == FieldType.INT) {
      return number.longValue();
    }
    if (value instanceof Number number && type == FieldType.DOUBLE) {
      return number.doubleValue();
    }
    return value != null && type.holds(value) ? value : FaceFields.absent(name, type);
  }

  /** Everything known, flat, in the order of the fields; what DNS was not asked is left out. */
  void collect(Evidence into) {
    collect(fields.client(), into);
    if (inquiry.fingerprint().isPresent()) {
      collect(fields.os(), into);
    } else {
      into.addAll(fields.unseen());
    }
    collect(fields.message(), into);
    if (dns.askedAny()) {
      collect(fields.dns(), into);
    }
    collect(fields.points(), into);
    if (inquiry.extra().isEmpty()) {
      into.addAll(fields.silence());
      return;
    }
    collect(fields.ofFaces(), into);
    inquiry
        .extra()
        .forEach((given, value) -> {
          String name = given.replace('-', '_');
          if (!into.containsKey(name)) {
            into.add(name, value);
          }
        });
  }

  private void collect(List<Field> some, Evidence into) {
    for (Field field : some) {
      if (asked(field.needs())) {
        Object value = field.reader().apply(this);
        if (field.explicit() || !empty(value)) {
          into.add(field.name(), value);
        }
      }
    }
  }

  // No streams: this is done for each field of each decision.
  private boolean asked(Set<Need> needs) {
    if (!needs.isEmpty()) {
      for (Need need : needs) {
        if (!dns.asked(need)) {
          return false;
        }
      }
    }
    return true;
  }

  static boolean empty(Object value) {
    if (value instanceof String text) {
      return text.isEmpty();
    }
    return value instanceof List<?> list ? list.isEmpty() : Boolean.FALSE.equals(value);
  }
}
