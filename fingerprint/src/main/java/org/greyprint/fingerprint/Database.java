// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Signatures of SYNs and what they name, in the order of their file. */
public final class Database implements Loaded {
  /** The name of the database that is part of this module. */
  public static final String BUILTIN = "builtin";

  /**
   * An entry as {@code greyprint signatures list} shows it.
   *
   * @param line in its file
   * @param label what it names
   * @param generic whether it is a last resort
   */
  public record Entry(int line, String label, boolean generic) {}

  private static final Signature[] NONE = {};

  private final String name;
  private final List<Signature> all;
  private final Map<Integer, String> links;
  private final int mask;
  private final Signature[][][] byLayout;

  Database(String name, List<Signature> signatures, Map<Integer, String> links) {
    this.name = name;
    this.all = List.copyOf(signatures);
    this.links = Map.copyOf(links);
    int size = Integer.highestOneBit(Math.max(8, all.size())) << 2;
    mask = size - 1;
    Map<Integer, Map<List<Byte>, List<Signature>>> buckets = new HashMap<>();
    for (Signature signature : all) {
      List<Byte> layout = new ArrayList<>();
      for (byte kind : signature.layout()) {
        layout.add(kind);
      }
      buckets
          .computeIfAbsent(bucket(signature.layoutHash()), key -> new LinkedHashMap<>())
          .computeIfAbsent(layout, key -> new ArrayList<>())
          .add(signature);
    }
    byLayout = new Signature[size][][];
    for (int i = 0; i < size; i++) {
      byLayout[i] =
          buckets.getOrDefault(i, Map.of()).values().stream()
              .map(each -> each.toArray(Signature[]::new))
              .toArray(Signature[][]::new);
    }
  }

  private int bucket(int hash) {
    return (hash * 0x9e3779b9 >>> 16) & mask;
  }

  /** Reads a database in p0f's syntax; {@code name} is for messages. */
  public static Loaded parse(String name, String text) {
    return new SignatureParser().parse(name, text);
  }

  /** The signatures that are part of this module. */
  public static Database builtin() {
    try (InputStream in = Database.class.getResourceAsStream("signatures.fp")) {
      if (in == null) {
        throw new IllegalStateException("signatures.fp is missing from the jar");
      }
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return switch (parse(BUILTIN, text)) {
        case Database database -> database;
        case Faulty faulty -> throw new IllegalStateException("signatures.fp: " + faulty);
      };
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What messages call it. */
  public String name() {
    return name;
  }

  /** All entries for SYNs, in the order of the file. */
  public List<Entry> entries() {
    return all.stream()
        .map(each ->
            new Entry(
                each.line(),
                (each.label().name() + " " + each.label().flavor()).strip(),
                each.label().generic()))
        .toList();
  }

  /** All signatures, in the order of the file. */
  List<Signature> signatures() {
    return all;
  }

  /** The link type of an MTU, or "". */
  String link(int mtu) {
    return links.getOrDefault(mtu, "");
  }

  /** Holds the outcome of one search. */
  static final class Found {
    @org.jspecify.annotations.Nullable Signature signature;
    boolean fuzzy;

    /** Whether a program's signature was near, which is not taken for a match. */
    boolean nearProgram;
  }

  /**
   * Finds what names a SYN: the first specific signature that matches in everything, else the first
   * generic one that does, else the first that matches but for what paths change.
   */
  void find(Syn syn, Found found) {
    Signature generic = null;
    Signature fuzzy = null;
    for (Signature each : ofLayout(syn)) {
      int match = each.match(syn, fuzzy != null);
      if (match == Signature.EXACT) {
        if (!each.label().generic()) {
          found.signature = each;
          found.fuzzy = false;
          found.nearProgram = false;
          return;
        }
        if (generic == null) {
          generic = each;
        }
      } else if (match == Signature.FUZZY && fuzzy == null) {
        fuzzy = each;
      }
    }
    found.fuzzy = generic == null && fuzzy != null && !fuzzy.label().application();
    found.signature = generic != null ? generic : found.fuzzy ? fuzzy : null;
    found.nearProgram = found.signature == null && fuzzy != null;
  }

  private Signature[] ofLayout(Syn syn) {
    for (Signature[] each : byLayout[bucket(syn.layoutHash)]) {
      if (each[0].sameLayout(syn)) {
        return each;
      }
    }
    return NONE;
  }

  /**
   * Entries that can never name anything, for an earlier specific one matches all that they match.
   */
  public List<Problem> shadowed() {
    List<Problem> problems = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      Signature later = all.get(i);
      for (int j = 0; j < i; j++) {
        Signature earlier = all.get(j);
        if (!earlier.label().generic() && Shadows.covers(earlier, later)) {
          problems.add(
              new Problem(
                  later.line(),
                  "can never match: line " + earlier.line() + " matches all that it does"));
          break;
        }
      }
    }
    return problems;
  }
}
