// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.util.List;
import java.util.Optional;

/**
 * Tells from the octets of a SYN what sent it: the entry of this module.
 *
 * <p>Databases are asked in their order, and the first that names the SYN wins. Immutable and safe
 * for threads; new signatures are a new object.
 *
 * <h2>DIAGNOSTICS</h2>
 *
 * Reading never fails; what is no SYN gives nothing. Errors in a database are told with their lines
 * by {@link Database#parse}.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@code signatures:} is a list of files in p0f's syntax and the word {@code builtin}.
 */
public final class Fingerprinter {
  private static final int[] INITIAL_TTLS = {32, 64, 128, 255};

  // What p0f's own utility p0f-sendsyn sends.
  private static final int SENDSYN_WINDOW = 1337;
  private static final int SENDSYN_MSS = 1331;

  private final List<Database> databases;

  /** Asks these databases, in this order. */
  public Fingerprinter(List<Database> databases) {
    this.databases = List.copyOf(databases);
  }

  /** Asks the database that is part of this module. */
  public static Fingerprinter builtin() {
    return new Fingerprinter(List.of(Database.builtin()));
  }

  /**
   * What an IPv4 or IPv6 packet tells.
   *
   * @param packet holds it from {@code start} up to {@code end}; its payload may be missing
   * @return empty where it is no SYN without ACK whose headers are whole
   */
  public Optional<Fingerprint> read(byte[] packet, int start, int end) {
    Syn syn = new Syn();
    return readAll(syn, packet, start, end) ? Optional.of(fingerprint(syn)) : Optional.empty();
  }

  /** The same with what p0f would log. */
  public Optional<Both> readBoth(byte[] packet, int start, int end) {
    Syn syn = new Syn();
    return readAll(syn, packet, start, end)
        ? Optional.of(new Both(fingerprint(syn), report(syn)))
        : Optional.empty();
  }

  private static boolean readAll(Syn syn, byte[] packet, int start, int end) {
    if (!syn.read(packet, start, end)) {
      return false;
    }
    Windows.findMultiple(syn);
    return true;
  }

  /** A fingerprint, and p0f's words for it. */
  public record Both(Fingerprint fingerprint, P0fReport p0f) {}

  /** Something to read many SYNs with, for one thread. */
  public Reading reading() {
    return new Reading(this);
  }

  private Database.Found find(Syn syn) {
    Database.Found found = new Database.Found();
    find(syn, found);
    return found;
  }

  void find(Syn syn, Database.Found found) {
    found.signature = null;
    for (int i = 0; i < databases.size() && found.signature == null; i++) {
      databases.get(i).find(syn, found);
    }
  }

  private Fingerprint fingerprint(Syn syn) {
    return fingerprint(syn, find(syn));
  }

  Fingerprint fingerprint(Syn syn, Database.Found found) {
    Signature signature = found.signature;
    OperatingSystem os =
        signature == null ? OperatingSystem.UNKNOWN : Roles.system(syn, signature, found.fuzzy);
    int distance = distance(syn, signature, found.fuzzy);
    boolean known = distance <= Signature.MAX_DISTANCE;
    int mtu = mtu(syn);
    return new Fingerprint(
        os,
        known ? distance : -1,
        mtu == 0 ? "" : link(mtu),
        mtu,
        SynText.text(syn, distance, syn.quirks));
  }

  private P0fReport report(Syn syn) {
    Database.Found found = find(syn);
    Signature signature = found.signature;
    int distance = found.nearProgram ? 0 : distance(syn, signature, found.fuzzy);
    boolean random = signature != null && signature.anyTtl();
    StringBuilder params = new StringBuilder();
    if (signature != null && signature.label().generic()) {
      params.append("generic ");
    }
    if (found.fuzzy) {
      params.append("fuzzy ");
    }
    if (random) {
      params.append("random_ttl ");
    }
    if (distance > Signature.MAX_DISTANCE) {
      params.append("excess_dist ");
    }
    if (syn.dscp != 0) {
      params.append("tos:0x%02x ".formatted(syn.dscp));
    }
    boolean sendsyn = syn.window == SENDSYN_WINDOW && syn.mss == SENDSYN_MSS;
    boolean application = signature != null && (sendsyn || signature.label().application());
    int mtu = sendsyn || application ? 0 : mtu(syn);
    String link = mtu == 0 ? "" : link(mtu);
    return new P0fReport(
        application,
        signature == null
            ? "???"
            : signature.label().name()
                + (signature.label().flavor().isEmpty() ? "" : " " + signature.label().flavor()),
        random ? "<= " + distance : Integer.toString(distance),
        params.isEmpty() ? "none" : params.toString().stripTrailing(),
        SynText.text(syn, guess(syn), Quirks.folded(syn.quirks)),
        mtu == 0 ? "" : link.isEmpty() ? "???" : link,
        mtu);
  }

  /** Hops, by the signature's initial TTL, or by the next usual one where that can't be right. */
  private static int distance(
      Syn syn, @org.jspecify.annotations.Nullable Signature signature, boolean fuzzy) {
    if (signature != null) {
      int distance = signature.ttl() - syn.ttl;
      boolean inRange = distance >= 0 && distance <= Signature.MAX_DISTANCE;
      if (!fuzzy || signature.anyTtl() || inRange) {
        return distance;
      }
    }
    return guess(syn);
  }

  private static int guess(Syn syn) {
    return guess(syn.ttl);
  }

  /** Hops, if the TTL began at the next usual one. */
  static int guess(int ttl) {
    for (int initial : INITIAL_TTLS) {
      if (ttl <= initial) {
        return initial - ttl;
      }
    }
    return 0;
  }

  private static int mtu(Syn syn) {
    return syn.mss == 0 ? 0 : syn.mss + (syn.version == 4 ? 40 : 60);
  }

  private String link(int mtu) {
    for (Database database : databases) {
      String link = database.link(mtu);
      if (!link.isEmpty()) {
        return link;
      }
    }
    return "";
  }
}
