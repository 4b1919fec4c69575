// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The evidence that not every face has, under the names by which rules know it; faces give it in
 * {@link Inquiry#extra} under the same names, or with hyphens where rules have underscores.
 */
final class FaceFields {
  static final Map<String, FieldType> ALL = new LinkedHashMap<>();

  static {
    ALL.put("syn.hosts", FieldType.INT);
    ALL.put("syn.uptime", FieldType.INT);
    ALL.put("syn.source", FieldType.STRING);
    ALL.put("gateway.listener", FieldType.STRING);
    ALL.put("early.greeting", FieldType.BOOL);
    ALL.put("early.pipelining", FieldType.BOOL);
    ALL.put("dialect.verbs", FieldType.STRING);
    ALL.put("dialect.blanks", FieldType.BOOL);
    ALL.put("dialect.brackets", FieldType.BOOL);
    ALL.put("dialect.bare_lf", FieldType.BOOL);
    ALL.put("dialect.order", FieldType.BOOL);
    ALL.put("dialect.hello", FieldType.STRING);
    ALL.put("previous.end", FieldType.STRING);
    ALL.put("tls.ja4", FieldType.STRING);
    ALL.put("tls.sni", FieldType.STRING);
    ALL.put("tls.system", FieldType.STRING);
    ALL.put("tls.agrees", FieldType.BOOL);
    ALL.put("tcp.rtt", FieldType.INT);
    ALL.put("tcp.retransmits", FieldType.INT);
  }

  private FaceFields() {}

  /** The value where a face knows none: what speaks for nothing. */
  static Object absent(String name, FieldType type) {
    return name.equals("dialect.brackets") || name.equals("tls.agrees") ? true : type.absent();
  }
}
