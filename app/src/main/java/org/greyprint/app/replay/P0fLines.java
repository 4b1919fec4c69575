// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app.replay;

import java.io.IOException;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.TimeZone;
import org.greyprint.capture.SynKinds;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.P0fReport;

/**
 * p0f's own log lines: {@code mod=syn}, and {@code mod=mtu} where the SYN has an MSS.
 *
 * <p>As p0f does, a SYN that is sent once more (same connection, same sequence number, within 30
 * seconds) is passed over. p0f remembers the last 1000 connections; so does this, by their hash, so
 * that one of many may be forgotten earlier and its repetition be written.
 */
final class P0fLines extends Lines {
  private static final int CONNECTIONS = 1024;
  private static final long FORGET_NANOS = 30_000_000_000L;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("'['yyyy/MM/dd HH:mm:ss'] mod='");
  private static final byte[] SERVER = bytes("|srv=");
  private static final byte[] SUBJECT = bytes("|subj=cli|");

  private final TimeZone zone;
  private final long[] connections = new long[CONNECTIONS];
  private final long[] times = new long[CONNECTIONS];
  private byte[] synStart = {};
  private byte[] mtuStart = {};
  private byte[] server = {};
  private long serverHigh;
  private long serverLow;
  private int serverPort = -1;

  P0fLines(Output out, TimeZone zone) {
    super(out);
    this.zone = zone;
  }

  @Override
  Kind kind(Fingerprinter.Both described) {
    P0fReport p0f = described.p0f();
    String syn =
        (p0f.application() ? "app=" : "os=")
            + p0f.label()
            + "|dist="
            + p0f.distance()
            + "|params="
            + p0f.params()
            + "|raw_sig="
            + p0f.rawSignature()
            + "\n";
    String mtu =
        p0f.link().isEmpty() ? "" : "link=" + p0f.link() + "|raw_mtu=" + p0f.rawMtu() + "\n";
    return new Kind(described, tail(syn), tail(mtu));
  }

  @Override
  void second(long epochSecond) {
    String time = TIME.format(local(epochSecond, zone));
    synStart = bytes(time + "syn|cli=");
    mtuStart = bytes(time + "mtu|cli=");
  }

  @Override
  void ipv6(long high, long low) {
    out.ipv6(high, low);
  }

  @Override
  void write(long nanos, SynKinds<Kind> syns, Kind kind) throws IOException {
    fraction(nanos);
    if (repeated(nanos, syns)) {
      return;
    }
    if (syns.serverLow() != serverLow
        || syns.serverPort() != serverPort
        || syns.serverHigh() != serverHigh) {
      server(syns.serverHigh(), syns.serverLow(), syns.serverPort());
    }
    out.text(synStart);
    int from = out.mark();
    client(syns);
    out.octet('/');
    out.decimal(syns.clientPort());
    if (kind.server != server) {
      join(kind);
    }
    byte[] text = kind.text;
    int second = kind.secondTail.length;
    int to = out.mark() + server.length;
    out.text(text, 0, text.length - second);
    if (second > 0) {
      out.text(mtuStart);
      out.again(from, to);
      out.text(text, text.length - second, second);
    }
    out.lineEnded();
  }

  /** One copy of a longer piece is faster than two, and one array has less to fetch. */
  private void join(Kind kind) {
    byte[] text = Arrays.copyOf(server, server.length + kind.tail.length + kind.secondTail.length);
    System.arraycopy(kind.tail, 0, text, server.length, kind.tail.length);
    System.arraycopy(
        kind.secondTail, 0, text, server.length + kind.tail.length, kind.secondTail.length);
    kind.server = server;
    kind.text = text;
  }

  /** Most SYNs of a capture go to one server, so its part of the line is kept. */
  private void server(long high, long low, int port) {
    serverHigh = high;
    serverLow = low;
    serverPort = port;
    int from = out.mark();
    out.text(SERVER);
    address(high, low);
    out.octet('/');
    out.decimal(port);
    out.text(SUBJECT);
    server = out.takeBack(from);
  }

  private boolean repeated(long nanos, SynKinds<Kind> syns) {
    long key =
        (syns.clientHigh() ^ syns.clientLow()) * 0x9e3779b97f4a7c15L
            ^ (syns.serverHigh() ^ syns.serverLow()) * 0xd6e8feb86659fd93L
            ^ ((long) syns.clientPort() << 48 | (long) syns.serverPort() << 32)
            ^ syns.sequence() & 0xffff_ffffL;
    key *= 0xd6e8feb86659fd93L;
    key ^= key >>> 32;
    int slot = (int) (key >>> 50) & CONNECTIONS - 1;
    // A capture's times may go back a little; the connection is the same all the same.
    if (connections[slot] == key && nanos - times[slot] < FORGET_NANOS) {
      return true;
    }
    connections[slot] = key;
    times[slot] = nanos;
    return false;
  }
}
