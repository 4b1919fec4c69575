// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.IOException;
import java.time.format.DateTimeFormatter;
import java.util.TimeZone;
import org.greyprint.capture.SynKinds;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.OperatingSystem;

/** One line a SYN, for people: time of day here, who, to whom, and what it is. */
final class TextLines extends Lines {
  private static final byte[] ARROW = bytes(" > ");

  private final TimeZone zone;
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.");

  private byte[] start = {};

  TextLines(Output out, TimeZone zone) {
    super(out);
    this.zone = zone;
  }

  @Override
  Kind kind(Fingerprinter.Both described) {
    Fingerprint fingerprint = described.fingerprint();
    OperatingSystem os = fingerprint.os();
    StringBuilder tail = new StringBuilder(" ").append(os.label());
    tail.append(" [role=").append(os.role().word());
    tail.append(" quality=").append(os.quality().word());
    tail.append(" confidence=").append(Math.round(os.confidence() * 100) / 100.0);
    if (fingerprint.distance() >= 0) {
      tail.append(" distance=").append(fingerprint.distance());
    }
    if (!fingerprint.link().isEmpty()) {
      tail.append(" link=\"").append(fingerprint.link()).append('"');
    }
    tail.append("] ").append(fingerprint.signature()).append('\n');
    return kind(described, tail.toString());
  }

  @Override
  void second(long epochSecond) {
    start = bytes(TIME.format(local(epochSecond, zone)));
  }

  @Override
  void write(long nanos, SynKinds<Kind> syns, Kind kind) throws IOException {
    int fraction = fraction(nanos);
    out.text(start);
    out.digits(fraction / 1000, 6);
    out.octet(' ');
    boolean brackets = syns.isIpv6();
    open(brackets);
    client(syns);
    close(brackets);
    out.decimal(syns.clientPort());
    out.text(ARROW);
    open(brackets);
    server(syns);
    close(brackets);
    out.decimal(syns.serverPort());
    out.text(kind.tail);
    out.lineEnded();
  }

  private void open(boolean brackets) {
    if (brackets) {
      out.octet('[');
    }
  }

  private void close(boolean brackets) {
    if (brackets) {
      out.octet(']');
    }
    out.octet(':');
  }
}
