// SPDX-License-Identifier: Apache-2.0
package org.greyprint.milter;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of one MTA connection: what was agreed, who connected, the macros. Handlers read
 * it; it is changed only between their calls, on the connection's own thread.
 */
public final class Session {
  private static final Stage[] STAGES = Stage.values();

  private final long id;
  private final Map<Stage, Map<String, String>> macros = new EnumMap<>(Stage.class);
  private Reply.Agreed agreed = new Reply.Agreed(0, 0, 0, Map.of());
  private Optional<Command.Connect> client = Optional.empty();

  Session(long id) {
    this.id = id;
  }

  /** A number of its own among the server's sessions. */
  public long id() {
    return id;
  }

  /** The agreed version of the protocol, 2 to 6. */
  public int version() {
    return agreed.version();
  }

  /** Whether all of these {@link Actions} were agreed. */
  public boolean can(int actions) {
    return (agreed.actions() & actions) == actions;
  }

  /** Whether all of these {@link Steps} were agreed. */
  public boolean steps(int steps) {
    return (agreed.steps() & steps) == steps;
  }

  /** Who connected; empty before the MTA said so. */
  public Optional<Command.Connect> client() {
    return client;
  }

  /**
   * A macro's value by its name, with or without braces; the newest stage that has it counts. Empty
   * where the MTA did not send it.
   */
  public Optional<String> macro(String name) {
    String bare = CommandCodec.bare(name);
    for (int i = STAGES.length - 1; i >= 0; i--) {
      Map<String, String> values = macros.get(STAGES[i]);
      if (values != null && values.containsKey(bare)) {
        return Optional.of(values.getOrDefault(bare, ""));
      }
    }
    return Optional.empty();
  }

  void agree(Reply.Agreed terms) {
    agreed = terms;
  }

  void client(Command.Connect connect) {
    client = Optional.of(connect);
  }

  /** Takes a stage's macros; those of later stages belong to what is past. */
  void macros(Command.Macros sent) {
    Stage stage = Stage.of(sent.stage()).orElse(null);
    if (stage == null) {
      return;
    }
    for (Stage later : STAGES) {
      if (later.ordinal() > stage.ordinal()) {
        macros.remove(later);
      }
    }
    macros.put(stage, sent.values());
  }

  /** Forgets all macros. */
  void forget() {
    macros.clear();
  }

  /** Forgets the message, keeps the connection. */
  void endMessage() {
    macros.keySet().removeIf(stage -> stage.ordinal() >= Stage.MAIL.ordinal());
  }

  /** The session that follows on the same connection: what was agreed stays, and the macros. */
  Session next(long nextId) {
    Session next = new Session(nextId);
    next.agreed = agreed;
    next.macros.putAll(macros);
    return next;
  }
}
