// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LogQueueTest {
  private final LoggerContext loggers = new LoggerContext();
  private final Logger log = loggers.getLogger("test");
  private final Output out = new Output();

  /** What was written; the first writing waits while the gate is shut. */
  private static final class Output extends OutputStream {
    private final ByteArrayOutputStream octets = new ByteArrayOutputStream();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile int writings;

    @Override
    public void write(int octet) {
      write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] text, int from, int length) {
      writings++;
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      synchronized (octets) {
        octets.write(text, from, length);
      }
    }

    String text() {
      synchronized (octets) {
        return octets.toString(StandardCharsets.UTF_8);
      }
    }
  }

  private LogQueue start() {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(loggers);
    encoder.setPattern("%level %msg%n");
    encoder.start();
    loggers.setMDCAdapter(new LogbackMDCAdapter());
    LogQueue queue = new LogQueue(encoder, new PrintStream(out, false, StandardCharsets.UTF_8));
    queue.setContext(loggers);
    queue.start();
    log.setLevel(Level.INFO);
    log.addAppender(queue);
    return queue;
  }

  @AfterEach
  void end() {
    out.gate.countDown();
    loggers.stop();
  }

  @Test
  void writesWithoutAnEnd() {
    start();
    log.info("one");
    await().until(() -> out.text().equals("INFO one\n"));
  }

  @Test
  void endsWithAllThatWasLoggedInOrder() {
    LogQueue queue = start();
    StringBuilder expected = new StringBuilder();
    for (int i = 0; i < 5000; i++) {
      log.info("line {}", i);
      expected.append("INFO line ").append(i).append('\n');
    }
    queue.stop();
    assertThat(out.text()).isEqualTo(expected.toString());
    assertThat(out.writings).isLessThan(2500);
  }

  @Test
  void waitsForNobodyAndKeepsRoomForWarnings() {
    out.gate = new CountDownLatch(1);
    LogQueue queue = start();
    log.info("first");
    await().until(() -> out.writings > 0);
    IntStream.range(0, 20_000).forEach(i -> log.info("line {}", i));
    log.warn("disk");
    IntStream.range(0, 20_000).forEach(i -> log.warn("warning {}", i));
    out.gate.countDown();
    queue.stop();
    String text = out.text();
    assertThat(text)
        .startsWith("INFO first\nINFO line 0\n")
        .contains("\nWARN disk\nWARN warning 0");
    long infos = text.lines().filter(line -> line.startsWith("INFO")).count();
    assertThat(infos).isBetween(7000L, 8192L);
    assertThat(text.lines().count()).isBetween(8000L, 8500L);
  }
}
