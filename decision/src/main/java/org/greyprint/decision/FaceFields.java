// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The evidence that not every face has, under the names by which rules know it and faces give it in
 * {@link Inquiry#extra}. Where a face gives none, the value is 0, "" or false.
 */
final class FaceFields {
  static final Map<String, FieldType> ALL = new LinkedHashMap<>();

  static {
    ALL.put("syn.hosts", FieldType.INT);
    ALL.put("syn.uptime", FieldType.INT);
  }

  private FaceFields() {}
}
