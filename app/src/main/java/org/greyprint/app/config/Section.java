// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.greyprint.decision.Position;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * Keys with values. Each getter gives the default where the key is not there or its value is wrong,
 * so that reading goes on to the next mistake; {@link #end} tells the keys nobody asked for.
 */
final class Section {
  private final Source source;
  private final String path;
  private final Position position;
  private final Map<String, Node> keys = new LinkedHashMap<>();
  private final Map<String, Node> values = new LinkedHashMap<>();
  private final Set<String> known = new LinkedHashSet<>();

  Section(Source source, String path, Optional<MappingNode> node, Position position) {
    this.source = source;
    this.path = path;
    this.position = position;
    for (NodeTuple tuple : node.map(MappingNode::getValue).orElse(List.of())) {
      Node key = tuple.getKeyNode();
      if (!(key instanceof ScalarNode scalar)) {
        source.problem(key, "a key is expected");
      } else if (keys.putIfAbsent(scalar.getValue(), key) != null) {
        source.problem(key, "key '" + full(scalar.getValue()) + "' stands here a second time");
      } else {
        values.put(scalar.getValue(), tuple.getValueNode());
      }
    }
  }

  /** The whole name of a key. */
  String full(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  Position position() {
    return position;
  }

  /** Where a key stands, or else the section. */
  Position position(String key) {
    Node node = keys.get(key);
    return node == null ? position : source.position(node);
  }

  boolean has(String key) {
    Node node = values.get(key);
    return node != null && !Value.isNothing(node);
  }

  /** What stands behind a key. */
  Optional<Value> find(String key) {
    known.add(key);
    source.asked(full(key));
    Node node = values.get(key);
    return node == null || Value.isNothing(node)
        ? Optional.empty()
        : Optional.of(new Value(source, full(key), node));
  }

  /** The keys below a key; without any where it is not there. */
  Section section(String key) {
    return find(key)
        .map(Value::section)
        .orElseGet(() -> new Section(source, full(key), Optional.empty(), position(key)));
  }

  /** A section of that name in which every key has its default. */
  Section nothing(String key) {
    return new Section(source, full(key), Optional.empty(), position(key));
  }

  /** The items of a list, each with {@code key[]} as its name; a single value is a list of one. */
  List<Value> list(String key) {
    known.add(key);
    source.asked(full(key));
    Node node = values.get(key);
    return node == null || Value.isNothing(node)
        ? List.of()
        : new Value(source, full(key) + "[]", node).items();
  }

  /** Each item of a list, parsed; those that are wrong are told and left out. */
  <T> List<T> list(String key, Function<String, Optional<T>> parser, String expected) {
    List<T> parsed = new ArrayList<>();
    for (Value item : list(key)) {
      item.parse(parser, expected).ifPresent(parsed::add);
    }
    return parsed;
  }

  <T> T parse(String key, T fallback, Function<String, Optional<T>> parser, String expected) {
    return find(key).flatMap(value -> value.parse(parser, expected)).orElse(fallback);
  }

  String text(String key, String fallback) {
    return find(key).flatMap(Value::text).orElse(fallback);
  }

  boolean flag(String key, boolean fallback) {
    return parse(
        key,
        fallback,
        text ->
            switch (text) {
              case "true" -> Optional.of(true);
              case "false" -> Optional.of(false);
              default -> Optional.empty();
            },
        "true or false");
  }

  Path path(String key, Path fallback) {
    return parse(key, fallback, Section::parsePath, "a path");
  }

  Optional<Path> path(String key) {
    return find(key).flatMap(value -> value.parse(Section::parsePath, "a path"));
  }

  static Optional<Path> parsePath(String text) {
    try {
      return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  /** A whole number within a range. */
  long number(String key, long fallback, long least, long most) {
    return parse(
        key,
        fallback,
        text ->
            text.matches("-?\\d{1,18}")
                ? Optional.of(Long.parseLong(text)).filter(value -> value >= least && value <= most)
                : Optional.empty(),
        "a number from " + least + " to " + most);
  }

  int integer(String key, int fallback, int least, int most) {
    return (int) number(key, fallback, least, most);
  }

  /** A number with a fraction, within a range. */
  double decimal(String key, double fallback, double least, double most) {
    return parse(
        key,
        fallback,
        text ->
            text.matches("-?\\d{1,9}(\\.\\d{1,9})?")
                ? Optional.of(Double.parseDouble(text))
                    .filter(value -> value >= least && value <= most)
                : Optional.empty(),
        "a number from " + least + " to " + most);
  }

  /** Octets, within a range. */
  long octets(String key, long fallback, long least, long most) {
    return parse(
        key,
        fallback,
        text -> Units.octets(text).filter(value -> value >= least && value <= most),
        "a size from "
            + Units.octets(least)
            + " to "
            + Units.octets(most)
            + ", such as 64k or 50M");
  }

  /** A time, within a range. */
  Duration time(String key, Duration fallback, Duration least, Duration most) {
    return parse(
        key,
        fallback,
        text ->
            Units.duration(text)
                .filter(value -> value.compareTo(least) >= 0 && value.compareTo(most) <= 0),
        "a time from " + Units.text(least) + " to " + Units.text(most) + ", such as 30s, 5m or 2d");
  }

  /** One of the words of an enumeration, in lower case and with hyphens. */
  <T extends Enum<T>> T choice(String key, T fallback) {
    Map<String, T> words = new LinkedHashMap<>();
    for (T each : fallback.getDeclaringClass().getEnumConstants()) {
      words.put(each.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'), each);
    }
    return parse(
        key,
        fallback,
        text -> Optional.ofNullable(words.get(text)),
        "one of " + String.join(", ", words.keySet()));
  }

  /** Tells a mistake of a key. */
  void problem(String key, String message) {
    source.problem(position(key), full(key) + ": " + message);
  }

  void problem(Position place, String message) {
    source.problem(place, message);
  }

  /** The keys as they stand in the file, for sections whose keys are names. */
  Set<String> names() {
    return keys.keySet();
  }

  /** Tells the keys that were not asked for. */
  void end() {
    keys.forEach((key, node) -> {
      if (!known.contains(key)) {
        source.problem(node, "unknown key '" + full(key) + "'" + Nearest.hint(key, known));
      }
    });
  }
}
