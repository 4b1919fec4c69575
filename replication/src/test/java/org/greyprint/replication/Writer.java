// SPDX-License-Identifier: Apache-2.0
package org.greyprint.replication;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** An application that writes all the time and counts what was acknowledged. */
final class Writer implements AutoCloseable {
  private static final long PAUSE_NANOS = 2_000_000;

  private final List<MariaDb> masters;
  private final AtomicBoolean stop = new AtomicBoolean();
  private final Set<Long> acknowledged = new TreeSet<>();
  private final Set<Long> unsure = new TreeSet<>();
  private final List<long[]> gaps = new ArrayList<>();
  private final Thread thread;

  Writer(MariaDb... masters) {
    this.masters = List.of(masters);
    this.thread = Thread.ofPlatform().name("writer").start(this::write);
  }

  /** The table the rows go to. */
  static List<String> schema() {
    return List.of(
        "CREATE DATABASE app",
        "CREATE TABLE app.rows (id BIGINT PRIMARY KEY, text VARCHAR(100)) ENGINE=InnoDB",
        "CREATE TABLE app.counter (id INT PRIMARY KEY, n BIGINT) ENGINE=InnoDB",
        "INSERT INTO app.counter VALUES (1, 0)",
        "CREATE USER app@'%' IDENTIFIED BY 'appsecret'",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON app.* TO app@'%'");
  }

  private void write() {
    int current = 0;
    long id = 0;
    long last = System.nanoTime();
    boolean refused = false;
    Connection connection = null;
    while (!stop.get()) {
      boolean sent = false;
      try {
        if (connection == null) {
          connection = masters.get(current).connect("app", "appsecret");
          connection.setAutoCommit(false);
        }
        try (Statement statement = connection.createStatement()) {
          statement.execute("INSERT INTO app.rows VALUES (" + ++id + ", REPEAT('x', 50))");
          statement.execute("UPDATE app.counter SET n = n + 1 WHERE id = 1");
          sent = true;
          connection.commit();
        }
        synchronized (this) {
          acknowledged.add(id);
          if (refused) {
            gaps.add(new long[] {last, System.nanoTime()});
            refused = false;
          }
        }
        last = System.nanoTime();
        LockSupport.parkNanos(PAUSE_NANOS);
      } catch (SQLException e) {
        boolean clean = e.getErrorCode() == 1290 || e.getErrorCode() == 1836;
        if (sent && !clean) {
          synchronized (this) {
            unsure.add(id);
          }
        }
        refused = true;
        try {
          if (connection != null) {
            connection.close();
          }
        } catch (SQLException ignored) {
          // The server is gone; the next connection is a new one.
        }
        connection = null;
        current = (current + 1) % masters.size();
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    if (connection != null) {
      try {
        connection.close();
      } catch (SQLException ignored) {
        // Ended anyway.
      }
    }
  }

  synchronized int count() {
    return acknowledged.size();
  }

  /** Waits until it has written so many more. */
  void more(int rows) {
    int goal = count() + rows;
    if (!Server.eventually(java.time.Duration.ofSeconds(60), () -> count() >= goal)) {
      throw new AssertionError("the writer got no further than " + count() + " of " + goal);
    }
  }

  /** The longest time between two acknowledged writes with a refusal between, milliseconds. */
  synchronized Optional<Double> longestGap() {
    return gaps.stream().map(g -> (g[1] - g[0]) / 1e6).max(Double::compare);
  }

  /** Stops; what was acknowledged and is missing in a server. */
  List<Long> missing(MariaDb server) {
    close();
    List<Long> missing = new ArrayList<>(acknowledged);
    Set<Long> there = new TreeSet<>();
    try (Link link = server.root()) {
      link.rows("SELECT id FROM app.rows").forEach(row -> there.add(row.number("id")));
    }
    missing.removeAll(there);
    return missing;
  }

  @Override
  public void close() {
    stop.set(true);
    try {
      thread.join(10_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
