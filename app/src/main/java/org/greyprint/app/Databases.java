// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.greyprint.fingerprint.Database;
import org.greyprint.fingerprint.Fingerprinter;
import org.greyprint.fingerprint.Loaded;

/** Signature databases by the names that configuration and options give them. */
public final class Databases {
  private Databases() {}

  /**
   * A fingerprinter that asks these databases in their order.
   *
   * @param names files in p0f's syntax, or {@code builtin}; none means {@code builtin}
   * @throws Failure if one can't be read or has errors; names the first one's line
   */
  public static Fingerprinter fingerprinter(List<String> names) {
    List<Database> databases = new ArrayList<>();
    for (String name : names.isEmpty() ? List.of(Database.BUILTIN) : names) {
      Loaded loaded = load(name);
      // Not a switch: matching types in one costs 40 ms at its first use.
      if (loaded instanceof Loaded.Faulty faulty) {
        throw failure(faulty);
      }
      databases.add((Database) loaded);
    }
    return new Fingerprinter(databases);
  }

  private static Failure failure(Loaded.Faulty faulty) {
    Loaded.Problem first = faulty.problems().getFirst();
    int more = faulty.problems().size() - 1;
    String others =
        more == 0
            ? ""
            : " (and " + more + " more: greyprint signatures check " + faulty.name() + ")";
    return new Failure(faulty.name() + ":" + first.line() + ": " + first.message() + others);
  }

  /**
   * Reads one database.
   *
   * @throws Failure if the file can't be read
   */
  static Loaded load(String name) {
    if (name.equals(Database.BUILTIN)) {
      return Database.builtin();
    }
    try {
      return Database.parse(
          name, new String(Files.readAllBytes(Path.of(name)), StandardCharsets.ISO_8859_1));
    } catch (NoSuchFileException e) {
      throw new Failure(name + ": no such file; give a file in p0f's syntax, or builtin", e);
    } catch (IOException e) {
      throw new Failure(name + ": cannot be read: " + e.getMessage(), e);
    }
  }
}
