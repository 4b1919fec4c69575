// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads files of pools: the line {@code greyprint-pools 1}, then for each provider {@code pool
 * NAME}, {@code source TEXT}, and any number of {@code domain NAME} and {@code network CIDR}.
 */
final class PoolFile {
  private static final String FORMAT = "greyprint-pools";
  private static final int VERSION = 1;
  private static final int MOST_LINES = 100_000;
  private static final int MOST_MISTAKES = 20;

  /** A provider as wide as this would be half the world. */
  private static final int WIDEST_4 = 8;

  private static final int WIDEST_6 = 19;

  private final String file;
  private final List<String> mistakes = new ArrayList<>();
  private final List<Pools.Pool> pools = new ArrayList<>();
  private final Map<String, String> taken = new HashMap<>();
  private @Nullable String name;
  private int begun;
  private String source = "";
  private Set<String> domains = new LinkedHashSet<>();
  private Set<Net> networks = new LinkedHashSet<>();

  PoolFile(String file) {
    this.file = file;
  }

  static Pools builtin() {
    try (InputStream in = PoolFile.class.getResourceAsStream("pools.txt")) {
      if (in == null) {
        throw new IllegalStateException("pools.txt is missing from the jar");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return switch (Pools.read("builtin", text)) {
        case Pools.Reading.Good good -> good.pools();
        case Pools.Reading.Bad bad -> throw new IllegalStateException(bad.mistakes().toString());
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Pools.Reading read(String text) {
    List<String> lines = text.lines().limit(MOST_LINES + 1L).toList();
    if (lines.size() > MOST_LINES) {
      mistakes.add(file + ": more than " + MOST_LINES + " lines");
    } else if (version(lines)) {
      for (int i = 1; i < lines.size() && mistakes.size() < MOST_MISTAKES; i++) {
        String line = lines.get(i);
        int comment = line.indexOf('#');
        String content = (comment < 0 ? line : line.substring(0, comment)).strip();
        if (!content.isEmpty()) {
          line(i + 1, content);
        }
      }
      end();
      if (pools.isEmpty() && mistakes.isEmpty()) {
        mistakes.add(file + ": no pool in it");
      }
    }
    return mistakes.isEmpty()
        ? new Pools.Reading.Good(new Pools(pools))
        : new Pools.Reading.Bad(List.copyOf(mistakes));
  }

  private boolean version(List<String> lines) {
    String first = lines.isEmpty() ? "" : lines.getFirst().strip();
    if (first.equals(FORMAT + " " + VERSION)) {
      return true;
    }
    boolean other = first.matches(FORMAT + " \\d+");
    wrong(
        1,
        other
            ? "this Greyprint reads version " + VERSION + " of the format, not '" + first + "'"
            : "the first line is not '" + FORMAT + " " + VERSION + "'");
    return false;
  }

  private void line(int number, String content) {
    String[] parts = content.split("\\s+", 2);
    String value = parts.length == 2 ? parts[1] : "";
    if (value.isEmpty()) {
      wrong(number, "nothing stands after '" + parts[0] + "'");
    } else if (parts[0].equals("pool")) {
      end();
      name = value;
      begun = number;
      if (!value.matches("[a-z0-9][a-z0-9-]{0,31}")) {
        wrong(number, "a pool's name is one word of a-z, 0-9 and -, not '" + value + "'");
      }
      claim(number, "pool " + value);
    } else if (name == null) {
      wrong(number, "'" + parts[0] + "' stands before the first pool");
    } else {
      switch (parts[0]) {
        case "source" -> source = value;
        case "domain" -> domain(number, value);
        case "network" -> network(number, value);
        default -> wrong(number, "'" + parts[0] + "' is none of pool, source, domain and network");
      }
    }
  }

  private void domain(int number, String value) {
    String domain = Mailboxes.host(value);
    if (!domain.matches("[a-z0-9_-]{1,63}(\\.[a-z0-9_-]{1,63})+") || domain.length() > 253) {
      wrong(number, "'" + value + "' is no domain of two labels or more");
    } else if (claim(number, "domain " + domain)) {
      domains.add(domain);
    }
  }

  private void network(int number, String value) {
    Optional<Net> net = Net.parse(value);
    if (net.isEmpty()) {
      wrong(number, "'" + value + "' is no network such as 192.0.2.0/24");
      return;
    }
    int widest = net.get().address().length == 4 ? WIDEST_4 : WIDEST_6;
    if (net.get().bits() < widest) {
      wrong(number, value + " is wider than /" + widest);
    } else if (claim(number, "network " + net.get().text())) {
      networks.add(net.get());
    }
  }

  /** Each name stands once in a file. */
  private boolean claim(int number, String what) {
    String before = taken.putIfAbsent(what, "line " + number);
    if (before != null) {
      wrong(number, what + " stands in " + before + " already");
    }
    return before == null;
  }

  private void end() {
    String done = name;
    if (done == null) {
      return;
    }
    if (source.isEmpty()) {
      wrong(begun, "pool " + done + " has no source");
    }
    if (domains.isEmpty() && networks.isEmpty()) {
      wrong(begun, "pool " + done + " has neither domain nor network");
    }
    pools.add(new Pools.Pool(done, source, Set.copyOf(domains), Set.copyOf(networks)));
    source = "";
    domains = new LinkedHashSet<>();
    networks = new LinkedHashSet<>();
  }

  private void wrong(int number, String what) {
    if (mistakes.size() < MOST_MISTAKES) {
      mistakes.add(file + ":" + number + ": " + what);
    }
  }
}
