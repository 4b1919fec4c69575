// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.TimeZone;
import org.greyprint.capture.SynKinds;
import org.greyprint.fingerprint.Fingerprinter;

/** Writes the SYNs of a capture, one after the other. */
abstract class Lines {
  /** Octets of the longest end of a line. */
  static final int MAX_TAIL = 2048;

  private static final byte[] NONE = {};
  private static final long NANOS = 1_000_000_000L;

  final Output out;
  private long secondBegins = 1;
  private long secondEnds;

  Lines(Output out) {
    this.out = out;
  }

  /** What is the same for all SYNs of a kind. */
  abstract Kind kind(Fingerprinter.Both described);

  /** Writes one SYN, the last one that {@code syns} found. */
  abstract void write(long nanos, SynKinds<Kind> syns, Kind kind) throws IOException;

  /** Told where a second begins that is not the one of the last SYN. */
  abstract void second(long epochSecond);

  /** Nanoseconds within the second; {@link #second} was called if it is another. */
  final int fraction(long nanos) {
    if (nanos < secondBegins || nanos >= secondEnds) {
      long second = Math.floorDiv(nanos, NANOS);
      secondBegins = second * NANOS;
      secondEnds = secondBegins + NANOS;
      second(second);
    }
    return (int) (nanos - secondBegins);
  }

  /**
   * The time in a zone. ZoneId would look for providers of zones in all libraries, which takes as
   * long as to read a small capture.
   */
  static LocalDateTime local(long epochSecond, TimeZone zone) {
    int offset = zone.getOffset(epochSecond * 1000) / 1000;
    return LocalDateTime.ofEpochSecond(epochSecond + offset, 0, ZoneOffset.UTC);
  }

  final void client(SynKinds<Kind> syns) {
    address(syns.clientHigh(), syns.clientLow());
  }

  final void server(SynKinds<Kind> syns) {
    address(syns.serverHigh(), syns.serverLow());
  }

  final void address(long high, long low) {
    if (high == 0 && low >>> 32 == 0xffff) {
      out.ipv4(low);
    } else {
      ipv6(high, low);
    }
  }

  void ipv6(long high, long low) {
    out.canonicalIpv6(high, low);
  }

  static Kind kind(Fingerprinter.Both described, String tail) {
    return new Kind(described, tail(tail), NONE);
  }

  /** The end of a line; cut where a label is of an absurd length. */
  static byte[] tail(String text) {
    byte[] tail = bytes(text);
    if (tail.length <= MAX_TAIL) {
      return tail;
    }
    byte[] cut = Arrays.copyOf(tail, MAX_TAIL);
    cut[MAX_TAIL - 1] = '\n';
    return cut;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
