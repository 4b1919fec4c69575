// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.greyprint.fingerprint.Signature.Label;
import org.greyprint.fingerprint.Signature.WindowKind;

/**
 * Reads a database in the syntax of p0f version 3: sections {@code [mtu]} and {@code
 * [tcp:request]}; those about answers and HTTP are passed over. The quirks {@code ece}, {@code
 * cwr}, {@code ae}, {@code ect0}, {@code ect1}, {@code ce}, {@code ecn?} and {@code flow?} and the
 * window {@code mss*max} are more than p0f knows.
 */
final class SignatureParser {
  private final List<Loaded.Problem> problems = new ArrayList<>();
  private final List<Signature> signatures = new ArrayList<>();
  private final Map<Integer, String> links = new HashMap<>();
  private String section = "";
  private Optional<Label> label = Optional.empty();
  private String link = "";
  private int line;

  /** A value that is none. */
  private static final class Bad extends Exception {
    private static final long serialVersionUID = 1;

    Bad(String message) {
      super(message);
    }
  }

  Loaded parse(String name, String text) {
    for (String each : text.lines().toList()) {
      line++;
      String trimmed = each.strip();
      if (trimmed.isEmpty() || trimmed.startsWith(";")) {
        continue;
      }
      try {
        line(trimmed);
      } catch (Bad e) {
        problems.add(new Loaded.Problem(line, String.valueOf(e.getMessage())));
      }
    }
    if (!problems.isEmpty()) {
      return new Loaded.Faulty(name, List.copyOf(problems));
    }
    return new Database(name, signatures, links);
  }

  private void line(String text) throws Bad {
    if (text.startsWith("[")) {
      if (!text.endsWith("]")) {
        throw new Bad("a section's name must end in ]");
      }
      section = text.substring(1, text.length() - 1).toLowerCase(Locale.ROOT);
      label = Optional.empty();
      link = "";
      return;
    }
    int equals = text.indexOf('=');
    if (equals < 0) {
      throw new Bad("neither a section, a comment nor name = value");
    }
    String name = text.substring(0, equals).strip();
    String value = text.substring(equals + 1).strip();
    switch (section) {
      case "mtu" -> mtu(name, value);
      case "tcp:request" -> request(name, value);
      default -> {}
    }
  }

  private void mtu(String name, String value) throws Bad {
    switch (name) {
      case "label" -> link = value;
      case "sig" -> {
        if (link.isEmpty()) {
          throw new Bad("sig before the first label");
        }
        links.putIfAbsent(number(value, 1, 65535, "MTU"), link);
      }
      default -> throw new Bad("label or sig expected, not " + name);
    }
  }

  private void request(String name, String value) throws Bad {
    switch (name) {
      case "label" -> label = Optional.of(label(value));
      case "sys" -> {}
      case "sig" ->
          signatures.add(
              signature(label.orElseThrow(() -> new Bad("sig before the first label")), value));
      default -> throw new Bad("label, sys or sig expected, not " + name);
    }
  }

  private static Label label(String text) throws Bad {
    String[] parts = text.split(":", 4);
    if (parts.length != 4 || !parts[0].equals("s") && !parts[0].equals("g")) {
      throw new Bad("a label is s:class:name:flavor or g:class:name:flavor");
    }
    if (parts[2].isEmpty()) {
      throw new Bad("a label needs a name");
    }
    return new Label(
        parts[0].equals("g"), parts[1].equals("!"), parts[1], parts[2], parts[3].strip());
  }

  private Signature signature(Label of, String text) throws Bad {
    String[] parts = text.split(":", -1);
    if (parts.length != 8) {
      throw new Bad("a signature has eight parts, not " + parts.length);
    }
    int version =
        switch (parts[0]) {
          case "4" -> 4;
          case "6" -> 6;
          case "*" -> 0;
          default -> throw new Bad("the IP version is 4, 6 or *, not " + parts[0]);
        };
    boolean anyTtl = parts[1].endsWith("-");
    int ttl = 0;
    for (String part : (anyTtl ? parts[1].replace("-", "") : parts[1]).split("\\+", 2)) {
      ttl += number(part, 0, 255, "TTL");
    }
    if (ttl < 1 || ttl > 255) {
      throw new Bad("a TTL is 1 to 255, not " + ttl);
    }
    String[] window = parts[4].split(",", -1);
    if (window.length != 2) {
      throw new Bad("window and scale are to be separated by a comma");
    }
    int eolPadding = 0;
    List<Byte> layout = new ArrayList<>();
    if (!parts[5].isEmpty()) {
      for (String option : parts[5].split(",", -1)) {
        if (eolPadding > 0 || !layout.isEmpty() && layout.getLast() == 0) {
          throw new Bad("eol must be the last option");
        }
        layout.add((byte) option(option));
        if (option.startsWith("eol+")) {
          eolPadding = number(option.substring(4), 0, 255, "count of octets");
        }
      }
    }
    if (layout.size() > Syn.MAX_OPTIONS) {
      throw new Bad("more than " + Syn.MAX_OPTIONS + " options");
    }
    byte[] kinds = new byte[layout.size()];
    for (int i = 0; i < kinds.length; i++) {
      kinds[i] = layout.get(i);
    }
    WindowKind kind = windowKind(window[0]);
    return new Signature(
        of,
        line,
        version,
        ttl,
        anyTtl,
        number(parts[2], 0, 255, "length of IP options"),
        parts[3].equals("*") ? -1 : number(parts[3], 0, 65535, "MSS"),
        kind,
        kind == WindowKind.ANY || kind == WindowKind.FULL ? 0 : windowValue(kind, window[0]),
        window[1].equals("*") ? -1 : number(window[1], 0, 255, "window scale"),
        kinds,
        eolPadding,
        quirks(version, parts[6]),
        switch (parts[7]) {
          case "0" -> 0;
          case "+" -> 1;
          case "*" -> -1;
          default -> throw new Bad("the payload is 0, + or *, not " + parts[7]);
        });
  }

  private static WindowKind windowKind(String text) {
    return text.equals("*")
        ? WindowKind.ANY
        : text.startsWith("%")
            ? WindowKind.MODULO
            : text.equals("mss*max")
                ? WindowKind.FULL
                : text.startsWith("mss*")
                    ? WindowKind.MSS_MULTIPLE
                    : text.startsWith("mtu*") ? WindowKind.MTU_MULTIPLE : WindowKind.EXACT;
  }

  private static int windowValue(WindowKind kind, String text) throws Bad {
    return switch (kind) {
      case MODULO -> number(text.substring(1), 2, 65535, "divisor");
      case MSS_MULTIPLE, MTU_MULTIPLE -> number(text.substring(4), 1, 1000, "factor");
      default -> number(text, 0, 65535, "window");
    };
  }

  private static int option(String text) throws Bad {
    if (text.startsWith("?")) {
      return number(text.substring(1), 0, 255, "kind of option");
    }
    return switch (text) {
      case "nop" -> 1;
      case "mss" -> 2;
      case "ws" -> 3;
      case "sok" -> 4;
      case "sack" -> 5;
      case "ts" -> 8;
      default -> {
        if (text.startsWith("eol+")) {
          yield 0;
        }
        throw new Bad("no option is called " + text);
      }
    };
  }

  private static int quirks(int version, String text) throws Bad {
    int quirks = 0;
    if (!text.isEmpty()) {
      for (String token : text.split(",", -1)) {
        int bit = Quirks.bit(token);
        if (bit == 0) {
          throw new Bad("no quirk is called " + token);
        }
        if (version == 6 && (bit & Quirks.IPV4_ONLY) != 0 || version == 4 && bit == Quirks.FLOW) {
          throw new Bad("IPv" + version + " has no " + token);
        }
        quirks |= bit;
      }
    }
    return quirks;
  }

  private static int number(String text, int least, int most, String what) throws Bad {
    try {
      int number = Integer.parseInt(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new Bad("a " + what + " is a number, not '" + text + "'");
    }
    throw new Bad("a " + what + " is " + least + " to " + most + ", not " + text);
  }
}
