// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.IOException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.greyprint.capture.SynKinds;
import org.greyprint.fingerprint.Fingerprint;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.OperatingSystem;

/** One JSON object a SYN. */
final class JsonLines extends Lines {
  private static final byte[] CLIENT = bytes("Z\",\"client\":\"");
  private static final byte[] CLIENT_PORT = bytes("\",\"clientPort\":");
  private static final byte[] SERVER = bytes(",\"server\":\"");
  private static final byte[] SERVER_PORT = bytes("\",\"serverPort\":");

  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("'{\"time\":\"'uuuu-MM-dd'T'HH:mm:ss.");

  private byte[] start = {};

  JsonLines(Output out) {
    super(out);
  }

  @Override
  Kind kind(Fingerprinter.Both described) {
    Fingerprint fingerprint = described.fingerprint();
    StringBuilder tail = new StringBuilder(",\"os\":");
    system(tail, fingerprint.os());
    tail.append(",\"distance\":");
    tail.append(fingerprint.distance() < 0 ? "null" : Integer.toString(fingerprint.distance()));
    tail.append(",\"link\":");
    string(tail, fingerprint.link());
    tail.append(",\"mtu\":").append(fingerprint.mtu()).append(",\"signature\":");
    string(tail, fingerprint.signature());
    return kind(described, tail.append("}\n").toString());
  }

  static void system(StringBuilder to, OperatingSystem os) {
    to.append("{\"family\":");
    string(to, os.family());
    to.append(",\"name\":");
    string(to, os.name());
    to.append(",\"flavor\":");
    string(to, os.flavor());
    to.append(",\"role\":\"").append(os.role().word());
    to.append("\",\"quality\":\"").append(os.quality().word());
    to.append("\",\"confidence\":").append(Math.round(os.confidence() * 1000) / 1000.0).append('}');
  }

  static void string(StringBuilder to, String text) {
    to.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        to.append('\\').append(c);
      } else if (c < ' ') {
        to.append("\\u00").append(Character.forDigit(c >> 4, 16));
        to.append(Character.forDigit(c & 15, 16));
      } else {
        to.append(c);
      }
    }
    to.append('"');
  }

  @Override
  void second(long epochSecond) {
    start = bytes(TIME.format(Instant.ofEpochSecond(epochSecond).atZone(ZoneOffset.UTC)));
  }

  @Override
  void write(long nanos, SynKinds<Kind> syns, Kind kind) throws IOException {
    int fraction = fraction(nanos);
    out.text(start);
    if (fraction % 1000 == 0) {
      out.digits(fraction / 1000, 6);
    } else {
      out.digits(fraction, 9);
    }
    out.text(CLIENT);
    client(syns);
    out.text(CLIENT_PORT);
    out.decimal(syns.clientPort());
    out.text(SERVER);
    server(syns);
    out.text(SERVER_PORT);
    out.decimal(syns.serverPort());
    out.text(kind.tail);
    out.lineEnded();
  }
}
