// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.TreeMap;
import org.mariadb.jdbc.Driver;

/** One session on one server; every statement goes through here and into the log, masked. */
final class Link implements AutoCloseable {
  private static final int LOG_RESULT = 120;

  static {
    // The driver's own log has statements as they are, passwords too; ours has them masked.
    System.setProperty("mariadb.logging.disable", "true");
  }

  private final Address address;
  private final Connection connection;
  private final StatementLog log;

  private Link(Address address, Connection connection, StatementLog log) {
    this.address = address;
    this.connection = connection;
    this.log = log;
  }

  /**
   * Logs in.
   *
   * @param patience how long an answer to a statement may take; zero for no limit
   * @throws DatabaseError if there is no route, nobody listens, or the password is wrong
   */
  static Link open(
      Address address, String password, Access access, Duration patience, StatementLog log) {
    Properties settings = new Properties();
    settings.setProperty("user", address.user());
    settings.setProperty("password", password);
    settings.setProperty("connectTimeout", Long.toString(access.connectTimeout().toMillis()));
    settings.setProperty("socketTimeout", Long.toString(patience.toMillis()));
    settings.setProperty("tcpKeepAlive", "true");
    settings.setProperty("allowPublicKeyRetrieval", "true");
    settings.setProperty("connectionAttributes", "program_name:greyprint");
    // A session that holds a lock or a snapshot is idle for as long as a copy takes.
    settings.setProperty("sessionVariables", "wait_timeout=86400");
    switch (access.tls().mode()) {
      case OFF -> settings.setProperty("sslMode", "disable");
      case REQUIRE -> settings.setProperty("sslMode", "trust");
      case VERIFY_CA -> settings.setProperty("sslMode", "verify-ca");
      case VERIFY -> settings.setProperty("sslMode", "verify-full");
    }
    access
        .tls()
        .authority()
        .ifPresent(path -> settings.setProperty("serverSslCert", path.toString()));
    try {
      Connection connection =
          new Driver().connect("jdbc:mariadb://" + address.place() + "/", settings);
      return new Link(address, connection, log);
    } catch (SQLException e) {
      throw connectError(address, e);
    }
  }

  private static DatabaseError connectError(Address address, SQLException e) {
    String said = line(e);
    String message =
        switch (e.getErrorCode()) {
          case 1045 -> address + ": wrong user or password (" + said + ")";
          case 1698 -> address + ": this account may only log in on the host itself, by socket";
          case 1129, 1130 -> address + ": the server takes no connection from here (" + said + ")";
          default ->
              address
                  + ": does not answer ("
                  + said
                  + "); is it running, is the port right, is there a route and no firewall?";
        };
    return new DatabaseError(message, e.getErrorCode(), e.getErrorCode() != 1045, e);
  }

  private static String line(SQLException e) {
    String text = String.valueOf(e.getMessage());
    int end = text.indexOf('\n');
    return (end < 0 ? text : text.substring(0, end))
        .replaceFirst("^\\(conn=-?\\d+\\) ", "")
        .replaceFirst("Socket fail to connect to \\S+( \\[[^]]*\\])?\\. ", "");
  }

  Address address() {
    return address;
  }

  /** Sends a statement whose answer does not matter. */
  void run(Sql sql) {
    rows(sql);
  }

  void run(String sql) {
    rows(Sql.of(sql));
  }

  void run(List<Sql> statements) {
    statements.forEach(this::run);
  }

  /** Sends a statement and reads all rows of its answer; none where it gives no rows. */
  List<Row> rows(Sql sql) {
    long start = System.nanoTime();
    try (Statement statement = connection.createStatement()) {
      List<Row> rows = new ArrayList<>();
      if (statement.execute(sql.text())) {
        try (ResultSet result = statement.getResultSet()) {
          ResultSetMetaData meta = result.getMetaData();
          while (result.next()) {
            TreeMap<String, String> row = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            for (int i = 1; i <= meta.getColumnCount(); i++) {
              String value = result.getString(i);
              row.putIfAbsent(meta.getColumnLabel(i), value == null ? "" : value);
            }
            rows.add(new Row(row));
          }
        }
      }
      log.sent(address, sql.masked(), since(start), summary(rows));
      return rows;
    } catch (SQLException e) {
      String said = new Sql(line(e)).masked();
      log.sent(address, sql.masked(), since(start), "error " + e.getErrorCode() + " " + said);
      boolean gone = e.getSQLState() != null && e.getSQLState().startsWith("08");
      throw new DatabaseError(
          gone
              ? address + ": the connection broke (" + said + ")"
              : address + ": " + said + " [" + e.getErrorCode() + "] in: " + sql.masked(),
          e.getErrorCode(),
          gone,
          e);
    }
  }

  List<Row> rows(String sql) {
    return rows(Sql.of(sql));
  }

  /** The first row; an empty row where there is none. */
  Row row(String sql) {
    List<Row> rows = rows(sql);
    return rows.isEmpty() ? new Row(new TreeMap<>(String.CASE_INSENSITIVE_ORDER)) : rows.getFirst();
  }

  /** The first column of the first row; "" where there is none or it is NULL. */
  String value(String sql) {
    Row row = row(sql);
    return row.columns().isEmpty() ? "" : row.columns().values().iterator().next();
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  private static String summary(List<Row> rows) {
    if (rows.isEmpty()) {
      return "";
    }
    if (rows.size() > 1 || rows.getFirst().columns().size() > 6) {
      return String.format(Locale.ROOT, "%d row%s", rows.size(), rows.size() == 1 ? "" : "s");
    }
    String text = new Sql(rows.getFirst().columns().toString()).masked();
    return text.contains("IDENTIFIED")
        ? "1 row"
        : text.length() > LOG_RESULT ? text.substring(0, LOG_RESULT) + "..." : text;
  }

  boolean alive() {
    try {
      return connection.isValid(2);
    } catch (SQLException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // The server ends the session by itself when the socket closes; nothing is left to do.
      log.sent(address, "(close)", Duration.ZERO, line(e));
    }
  }
}
