// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is logged and where. The daemon logs to standard output, from a thread of its own, so that
 * no decision waits for a slow reader of the log; other commands tell warnings on standard error.
 *
 * <p>A file named by {@code -Dlogback.configurationFile}, or a {@code logback-test.xml} on the
 * class path, takes the place of this.
 *
 * <h2>CONFIGURATION</h2>
 *
 * {@code log.level}; info by default.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_HIGH_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX} %-5level %logger{0}: %msg%n%ex{short}";

  /** Is made by logback. */
  public Logging() {}

  /** Logs what is at least this important from now on. */
  public static void level(String name) {
    if (LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)
        instanceof ch.qos.logback.classic.Logger root) {
      root.setLevel(Level.toLevel(name.toUpperCase(Locale.ROOT), Level.INFO));
    }
  }

  /** Writes what still waits, and ends. */
  static void end() {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext loggers) {
      loggers.stop();
    }
  }

  @Override
  public ExecutionStatus configure(LoggerContext loggers) {
    boolean serving = Main.serving();
    boolean other =
        System.getProperty("logback.configurationFile") != null
            || Logging.class.getResource("/logback-test.xml") != null;
    if (other) {
      return ExecutionStatus.INVOKE_NEXT_IF_ANY;
    }
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(loggers);
    encoder.setPattern(serving ? PATTERN : "greyprint: %msg%n");
    encoder.start();
    ch.qos.logback.classic.Logger root = loggers.getLogger(Logger.ROOT_LOGGER_NAME);
    root.setLevel(serving ? Level.INFO : Level.WARN);
    // It warns, with a stack, of each domain without SPF; what it finds is part of the decision.
    loggers.getLogger("org.apache.james.jspf").setLevel(Level.OFF);
    if (serving) {
      LogQueue queue = new LogQueue(encoder, System.out);
      queue.setContext(loggers);
      queue.start();
      root.addAppender(queue);
    } else {
      ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
      console.setContext(loggers);
      console.setTarget("System.err");
      console.setEncoder(encoder);
      console.start();
      root.addAppender(console);
    }
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }
}
