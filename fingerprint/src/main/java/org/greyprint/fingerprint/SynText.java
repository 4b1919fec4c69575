// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

/** A SYN's own signature as text. */
final class SynText {
  private SynText() {}

  /**
   * The signature.
   *
   * @param distance hops, or -1 where it can't be told
   * @param quirks those to list; ECN folded where p0f is to be understood
   */
  static String text(Syn syn, int distance, int quirks) {
    StringBuilder to = new StringBuilder(80);
    to.append(syn.version).append(':').append(syn.ttl).append('+');
    if (distance < 0 || distance > Signature.MAX_DISTANCE) {
      to.append('?');
    } else {
      to.append(distance);
    }
    to.append(':').append(syn.ipOptions).append(':').append(syn.mss).append(':');
    switch (syn.multipleOf) {
      case Windows.OF_MSS -> to.append("mss*").append(syn.multiple);
      case Windows.OF_MTU -> to.append("mtu*").append(syn.multiple);
      default -> to.append(syn.window);
    }
    to.append(',').append(syn.scale).append(':');
    for (int i = 0; i < syn.layoutLength; i++) {
      if (i > 0) {
        to.append(',');
      }
      int kind = syn.layout[i] & 0xff;
      switch (kind) {
        case 0 -> to.append("eol+").append(syn.eolPadding);
        case 1 -> to.append("nop");
        case 2 -> to.append("mss");
        case 3 -> to.append("ws");
        case 4 -> to.append("sok");
        case 5 -> to.append("sack");
        case 8 -> to.append("ts");
        default -> to.append('?').append(kind);
      }
    }
    to.append(':');
    Quirks.append(to, quirks);
    return to.append(':').append(syn.payload ? '+' : '0').toString();
  }
}
