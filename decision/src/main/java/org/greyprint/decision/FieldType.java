// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import dev.cel.common.types.CelType;
import dev.cel.common.types.ListType;
import dev.cel.common.types.SimpleType;
import java.util.List;

/** The type of a field that rules see. */
public enum FieldType {
  BOOL("bool", SimpleType.BOOL, false),
  INT("int", SimpleType.INT, 0L),
  DOUBLE("double", SimpleType.DOUBLE, 0.0),
  STRING("string", SimpleType.STRING, ""),
  STRINGS("list of string", ListType.create(SimpleType.STRING), List.of());

  private final String word;
  private final CelType cel;
  private final Object absent;

  FieldType(String word, CelType cel, Object absent) {
    this.word = word;
    this.cel = cel;
    this.absent = absent;
  }

  /** How the type is called in messages and documentation. */
  public String word() {
    return word;
  }

  CelType cel() {
    return cel;
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
