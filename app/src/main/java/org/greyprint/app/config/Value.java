// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.config;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.greyprint.decision.Position;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** What stands behind a key, or one item of a list. */
final class Value {
  private final Source source;
  private final String path;
  private final Node node;

  Value(Source source, String path, Node node) {
    this.source = source;
    this.path = path;
    this.node = node;
  }

  /** A key without a value, or with {@code null}: as if it were not there. */
  static boolean isNothing(Node node) {
    return node instanceof ScalarNode scalar
        && scalar.getScalarStyle() == ScalarStyle.PLAIN
        && (scalar.getValue().isEmpty()
            || scalar.getValue().equals("null")
            || scalar.getValue().equals("~"));
  }

  Position position() {
    return source.position(node);
  }

  boolean isMapping() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  /** The text of a scalar; empty, with a problem, if it is a list or has keys. */
  Optional<String> text() {
    if (node instanceof ScalarNode scalar) {
      return Optional.of(scalar.getValue());
    }
    problem("a single value is expected");
    return Optional.empty();
  }

  /** Whether it is just this word. */
  boolean is(String word) {
    return node instanceof ScalarNode scalar && scalar.getValue().equals(word);
  }

  ScalarText scalar() {
    return node instanceof ScalarNode scalar
        ? ScalarText.of(source, scalar)
        : ScalarText.none(position());
  }

  /** Its keys; none, with a problem, if it has none. */
  Section section() {
    if (node instanceof MappingNode mapping) {
      return new Section(source, path, Optional.of(mapping), position());
    }
    problem("keys with values are expected");
    return new Section(source, path, Optional.empty(), position());
  }

  /** The items of a list; a single value is a list of one. */
  List<Value> items() {
    if (node instanceof SequenceNode sequence) {
      return sequence.getValue().stream().map(item -> new Value(source, path, item)).toList();
    }
    return List.of(this);
  }

  /**
   * The text turned into something.
   *
   * @param expected what is told if it cannot be: "a time such as 5m"
   */
  <T> Optional<T> parse(Function<String, Optional<T>> parser, String expected) {
    Optional<String> text = text();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    Optional<T> parsed = parser.apply(text.get());
    if (parsed.isEmpty()) {
      problem("'" + text.get() + "' is not " + expected);
    }
    return parsed;
  }

  void problem(String message) {
    source.problem(position(), (path.isEmpty() ? "" : path + ": ") + message);
  }
}
