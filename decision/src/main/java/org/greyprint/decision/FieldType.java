// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.List;

/** The type of a field that rules see. */
public enum FieldType {
  BOOL("bool", false),
  INT("int", 0L),
  DOUBLE("double", 0.0),
  STRING("string", ""),
  STRINGS("list of string", List.of());

  private final String word;
  private final Object absent;

  FieldType(String word, Object absent) {
    this.word = word;
    this.absent = absent;
  }

  /** How the type is called in messages and documentation. */
  public String word() {
    return word;
  }

  CelType cel() {
    return switch (this) {
      case BOOL -> SimpleType.BOOL;
      case INT -> SimpleType.INT;
      case DOUBLE -> SimpleType.DOUBLE;
      case STRING -> SimpleType.STRING;
      case STRINGS -> ListType.create(SimpleType.STRING);
    };
  }

  /** The value of a field that the face knows nothing for. */
  Object absent() {
    return absent;
  }

  /** Whether a value is of this type. */
  boolean holds(Object value) {
    return absent instanceof List ? value instanceof List : absent.getClass().isInstance(value);
  }
}
