// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.Map;

/** The evidence that only one kind of face has, under the names rules know it by. */
final class FaceFields {
  static final Map<String, FieldType> ALL = Map.of();

  private FaceFields() {}
}
