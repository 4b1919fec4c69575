// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/** From the signature of one SYN to an entry that names all SYNs of its kind. */
public final class Entries {
  private static final int TTL = 1;
  private static final int MSS = 3;

  private Entries() {}

  /**
   * The signature without what differs from client to client: the distance becomes part of the
   * initial TTL, and any MSS is taken.
   *
   * @param signature as {@link Fingerprint#signature} has it
   * @return what may follow {@code sig =} in a database; two SYNs of one system give the same
   */
  public static String signature(String signature) {
    String[] parts = signature.split(":", -1);
    if (parts.length <= MSS) {
      return signature;
    }
    parts[TTL] = Integer.toString(initial(parts[TTL]));
    if (!parts[MSS].equals("0")) {
      parts[MSS] = "*";
    }
    return String.join(":", parts);
  }

  private static int initial(String ttl) {
    int plus = ttl.indexOf('+');
    int seen = Integer.parseInt(plus < 0 ? ttl : ttl.substring(0, plus));
    // Also where the distance is too large to be believed, only the usual ones are likely.
    return Math.max(1, seen + Fingerprinter.guess(seen));
  }

  /**
   * An entry that can be pasted into a database once its label is filled in.
   *
   * @param signature as {@link #signature} gives it
   * @param count how often it was seen
   */
  public static String text(String signature, long count) {
    return """
    ; seen %d times
    label = s:other:NAME:FLAVOR
    sig   = %s

    """
        .formatted(count, signature);
  }
}
