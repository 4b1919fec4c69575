// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Streams the old master's dump into the new one with the servers' own programs; nothing is staged
 * on disk, and nothing is written to the new one's binary log.
 *
 * <p>Passwords go to the programs in option files only this user can read, removed at the end.
 */
final class Copy {
  /** The lock the importing session holds, so that a forgotten one can be found and ended. */
  static final String IMPORT_LOCK = "greyprint.import";

  private static final int BUFFER = 1 << 18;
  private static final int HEAD = 1 << 16;
  private static final int TAIL = 256;
  private static final int SAID = 4000;
  private static final Pattern PLACE =
      Pattern.compile("(?:MASTER|SOURCE)_LOG_FILE='([^']+)',\\s*(?:MASTER|SOURCE)_LOG_POS=(\\d+)");
  private static final Pattern PURGED =
      Pattern.compile("GTID_PURGED\\s*=\\s*(?:/\\*!\\d+ '\\+'\\*/\\s*)?'\\+?([^']*)'");

  private final Server from;
  private final Server to;
  private final Access access;
  private final Tools tools;
  private final Path beside;

  Copy(Server from, Server to, Access access, Tools tools, Path beside) {
    this.from = from;
    this.to = to;
    this.access = access;
    this.tools = tools;
    this.beside = beside;
  }

  /** The command line of the dump, without the option file. */
  static List<String> dumpArguments(Dialect dialect, boolean gtid, List<String> schemas) {
    List<String> arguments =
        new ArrayList<>(
            List.of("--single-transaction", "--routines", "--events", "--triggers", "--hex-blob"));
    arguments.addAll(dialect.dumpOptions(gtid));
    arguments.add("--databases");
    arguments.addAll(schemas);
    return arguments;
  }

  /** The command line of the import, without the option file. */
  static List<String> loadArguments() {
    return List.of(
        "--binary-mode",
        "--max-allowed-packet=1G",
        "--init-command=SET @greyprint=GET_LOCK('" + IMPORT_LOCK + "', 5), sql_log_bin=0");
  }

  /**
   * Dumps and imports.
   *
   * @return the old master's position that the copy has
   * @throws MoveFailure if a program fails, or the dump ends before its last line
   */
  Position run(List<String> schemas, boolean gtid, long estimate, Progress progress) {
    Path dumpFile = Path.of(beside + ".from.cnf");
    Path loadFile = Path.of(beside + ".to.cnf");
    List<Process> started = new ArrayList<>();
    try {
      options(dumpFile, from.address());
      options(loadFile, to.address());
      Process dump =
          start(tools.dump(), dumpFile, dumpArguments(from.dialect(), gtid, schemas), started);
      Process load = start(tools.load(), loadFile, loadArguments(), started);
      dump.getOutputStream().close();
      CompletableFuture<String> dumpSaid = said(dump.getErrorStream());
      CompletableFuture<String> loadSaid = said(load.getErrorStream());
      said(load.getInputStream());
      progress.begin("dump and import", "bytes", estimate);
      byte[] head = new byte[HEAD];
      byte[] tail = new byte[0];
      int headLength = 0;
      long total = 0;
      String broken = "";
      try (InputStream in = dump.getInputStream();
          OutputStream out = load.getOutputStream()) {
        byte[] buffer = new byte[BUFFER];
        int n;
        while ((n = in.read(buffer)) >= 0) {
          int more = Math.min(n, HEAD - headLength);
          System.arraycopy(buffer, 0, head, headLength, more);
          headLength += more;
          tail = tail(tail, buffer, n, TAIL);
          out.write(buffer, 0, n);
          total += n;
          progress.at(total);
        }
      } catch (IOException e) {
        broken = String.valueOf(e.getMessage());
      } finally {
        progress.end();
      }
      int loadStatus = load.waitFor();
      if (!broken.isEmpty()) {
        dump.destroy();
      }
      int dumpStatus = dump.waitFor();
      if (dumpStatus != 0 && broken.isEmpty()) {
        throw new MoveFailure(
            from + ": the dump failed with status " + dumpStatus + ": " + dumpSaid.join());
      }
      // A statement that was cut off fails the import too; the cause comes first.
      boolean whole = new String(tail, StandardCharsets.ISO_8859_1).contains("-- Dump completed");
      if (!whole && broken.isEmpty()) {
        throw new MoveFailure(
            from
                + ": the dump was cut short after "
                + total
                + " bytes: its last line is not '-- Dump completed'");
      }
      if (loadStatus != 0 || !broken.isEmpty()) {
        throw new MoveFailure(
            to + ": the import failed with status " + loadStatus + ": " + error(loadSaid, broken));
      }
      return position(new String(head, 0, headLength, StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new MoveFailure("the dump and import programs cannot be run: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MoveFailure("interrupted", e);
    } finally {
      started.forEach(Process::destroyForcibly);
      remove(dumpFile);
      remove(loadFile);
    }
  }

  /** What the import says of its error; the statement it shows too holds the rows themselves. */
  private static String error(CompletableFuture<String> said, String broken) {
    String text = said.join();
    int error = text.indexOf("ERROR ");
    String named = error < 0 ? text : text.substring(error);
    return named.isEmpty() ? broken : named.substring(0, Math.min(named.length(), 400));
  }

  private static byte[] tail(byte[] before, byte[] buffer, int n, int kept) {
    if (n >= kept) {
      return Arrays.copyOfRange(buffer, n - kept, n);
    }
    byte[] joined = Arrays.copyOf(before, before.length + n);
    System.arraycopy(buffer, 0, joined, before.length, n);
    return joined.length <= kept
        ? joined
        : Arrays.copyOfRange(joined, joined.length - kept, joined.length);
  }

  private Position position(String head) {
    Matcher place = PLACE.matcher(head);
    if (!place.find()) {
      throw new MoveFailure(from + ": the dump does not name its position in the binary log");
    }
    String file = place.group(1);
    long offset = Long.parseLong(place.group(2));
    String gtid = "";
    if (from.version().mariaDb()) {
      gtid =
          from.link()
              .value("SELECT BINLOG_GTID_POS(" + Sql.quote(file) + ", " + offset + ") AS gtid");
    } else {
      Matcher purged = PURGED.matcher(head);
      if (purged.find()) {
        gtid = purged.group(1).replaceAll("\\s", "");
      }
    }
    return new Position(gtid, file, offset);
  }

  private static Process start(
      Path program, Path options, List<String> arguments, List<Process> started)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.add("--defaults-file=" + options);
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove("MYSQL_PWD");
    Process process = builder.start();
    started.add(process);
    return process;
  }

  private static CompletableFuture<String> said(InputStream stream) {
    return CompletableFuture.supplyAsync(
        () -> {
          try (stream) {
            byte[] kept = new byte[0];
            byte[] buffer = new byte[4000];
            for (int n = stream.read(buffer); n >= 0; n = stream.read(buffer)) {
              kept = tail(kept, buffer, n, SAID);
            }
            return new String(kept, StandardCharsets.UTF_8).strip().replace('\n', ' ');
          } catch (IOException e) {
            return "";
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  /** Writes what the program needs to log in, readable by this user alone. */
  private void options(Path file, Address address) throws IOException {
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    StringBuilder text = new StringBuilder("[client]\n");
    text.append("protocol=tcp\n");
    text.append("host=").append(value(address.host())).append('\n');
    text.append("port=").append(address.port()).append('\n');
    text.append("user=").append(value(address.user())).append('\n');
    text.append("password=").append(value(access.passwords().apply(address))).append('\n');
    boolean mariaDb = from.version().mariaDb();
    switch (access.tls().mode()) {
      case OFF -> text.append(mariaDb ? "skip-ssl\n" : "ssl-mode=DISABLED\n");
      case REQUIRE ->
          text.append(mariaDb ? "ssl\nskip-ssl-verify-server-cert\n" : "ssl-mode=REQUIRED\n");
      case VERIFY_CA -> text.append(mariaDb ? "ssl\n" : "ssl-mode=VERIFY_CA\n");
      case VERIFY ->
          text.append(mariaDb ? "ssl\nssl-verify-server-cert\n" : "ssl-mode=VERIFY_IDENTITY\n");
    }
    access.tls().authority().ifPresent(ca -> text.append("ssl-ca=").append(ca).append('\n'));
    Files.writeString(file, text);
  }

  private static String value(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new MoveFailure(file + ": holds a password and could not be removed: remove it", e);
    }
  }

  /** Removes option files that a killed run left behind. */
  static void sweep(Path beside) {
    remove(Path.of(beside + ".from.cnf"));
    remove(Path.of(beside + ".to.cnf"));
  }

  /** Ends XA transactions that came by replication; their locks would keep the copy from going. */
  static void endPrepared(Server to) {
    if (to.version().mariaDb()) {
      for (Row row : to.link().rows("XA RECOVER FORMAT='SQL'")) {
        to.link().run("XA ROLLBACK " + row.get("data"));
      }
    }
  }

  /** Ends an import session that a killed run left behind, and waits until it is gone. */
  static void endForgottenImport(Server to) {
    String asked = "SELECT IS_USED_LOCK('" + IMPORT_LOCK + "') AS id";
    boolean gone =
        Server.eventually(
            java.time.Duration.ofSeconds(TimeUnit.MINUTES.toSeconds(1)),
            () -> {
              String id = to.link().value(asked);
              if (id.isEmpty()) {
                return true;
              }
              try {
                to.link().run("KILL " + Long.parseLong(id));
              } catch (DatabaseError e) {
                if (e.code() != 1094) {
                  throw e;
                }
              }
              return false;
            });
    if (!gone) {
      throw new MoveFailure(to + ": an import of an earlier run does not end");
    }
  }
}
