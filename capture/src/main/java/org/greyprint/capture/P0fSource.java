// SPDX-License-Identifier: Apache-2.0
package org.greyprint.capture;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks a running p0f (version 3, started with {@code -s PATH}) over its socket.
 *
 * <p>p0f knows addresses only, so hosts behind one address can't be told apart, and it folds ECN
 * away, so no Windows Server can be seen. Questions wait in a bounded queue for one connection,
 * which is made anew where it breaks; an asker never waits longer than {@value #ANSWER_MILLIS} ms
 * more than its patience.
 */
final class P0fSource implements Source, SynLookup {
  private static final Logger log = LoggerFactory.getLogger(P0fSource.class);

  static final long ANSWER_MILLIS = 500;
  static final long RECONNECT_MILLIS = 1000;
  private static final long AGAIN_MILLIS = 20;
  private static final int QUEUE = 4096;

  private final Path path;
  private final Clock clock;
  private final BlockingQueue<Question> queue = new ArrayBlockingQueue<>(QUEUE);
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("p0f-timer").factory());
  private final Thread thread;
  private final LongAdder answered = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private volatile boolean closed;
  private volatile boolean up;
  private volatile String line;
  private volatile @Nullable SocketChannel channel;
  private long connectAfter = Long.MIN_VALUE;

  private record Question(
      InetAddress client, long deadline, CompletableFuture<Optional<Observation>> answer) {}

  P0fSource(Path path, Clock clock) {
    this.path = path;
    this.clock = clock;
    timer.setRemoveOnCancelPolicy(true);
    this.line = "p0f at " + path + ": not yet asked";
    this.thread = Thread.ofPlatform().daemon().name("p0f-client").unstarted(this::run);
  }

  /** Tries to connect once and starts answering. */
  void start() {
    connect();
    thread.start();
  }

  @Override
  public CompletionStage<Optional<Observation>> find(
      InetAddress client, int clientPort, Duration patience) {
    CompletableFuture<Optional<Observation>> answer = new CompletableFuture<>();
    Question question = new Question(client, System.nanoTime() + patience.toNanos(), answer);
    ask(question);
    return answer.completeOnTimeout(
        Optional.empty(), patience.toMillis() + ANSWER_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void ask(Question question) {
    if (closed || !queue.offer(question)) {
      lost.increment();
      question.answer.complete(Optional.empty());
    }
  }

  private void run() {
    try {
      while (!closed) {
        Question question = queue.take();
        if (question.answer.isDone()) {
          continue;
        }
        if (channel == null && System.nanoTime() - connectAfter > 0) {
          connect();
        }
        SocketChannel open = channel;
        if (open == null) {
          lost.increment();
          question.answer.complete(Optional.empty());
        } else {
          exchange(open, question);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void connect() {
    try {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(path));
      up = true;
      line = "p0f at " + path + ": asked for each client";
      log.info("{}", line);
    } catch (IOException | RuntimeException e) {
      lost(e.getMessage() + "; start p0f with -s " + path);
    }
  }

  private void lost(String reason) {
    String said = line;
    up = false;
    channel = null;
    connectAfter = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RECONNECT_MILLIS);
    line = "p0f at " + path + ": " + reason;
    if (!said.equals(line) && !closed) {
      log.warn("{}", line);
    }
  }

  private void exchange(SocketChannel open, Question question) {
    var watchdog = timer.schedule(() -> closeQuietly(open), ANSWER_MILLIS, TimeUnit.MILLISECONDS);
    try {
      ByteBuffer query = ByteBuffer.wrap(P0fWire.query(question.client));
      while (query.hasRemaining()) {
        open.write(query);
      }
      ByteBuffer response = ByteBuffer.allocate(P0fWire.RESPONSE_LENGTH);
      while (response.hasRemaining()) {
        if (open.read(response) < 0) {
          throw new IOException("closed the connection");
        }
      }
      answered.increment();
      Optional<P0fWire.Response> decoded = P0fWire.decode(response.array());
      if (decoded.isEmpty()) {
        throw new IOException("answers in another protocol; version 3 is needed");
      }
      answer(question, decoded.get());
    } catch (IOException e) {
      closeQuietly(open);
      lost(e.getMessage() == null ? "did not answer in time" : e.getMessage());
      lost.increment();
      question.answer.complete(Optional.empty());
    } finally {
      watchdog.cancel(false);
    }
  }

  private void answer(Question question, P0fWire.Response response) {
    if (response.status() != P0fWire.OK) {
      if (question.deadline - System.nanoTime() > 0) {
        // p0f may not have seen the SYN yet.
        timer.schedule(() -> ask(question), AGAIN_MILLIS, TimeUnit.MILLISECONDS);
      } else {
        question.answer.complete(Optional.empty());
      }
      return;
    }
    Instant time =
        response.lastSeen() == 0 ? clock.instant() : Instant.ofEpochSecond(response.lastSeen());
    Optional<Duration> uptime =
        response.uptimeMinutes() == 0
            ? Optional.empty()
            : Optional.of(Duration.ofMinutes(response.uptimeMinutes()));
    boolean shared =
        response.lastNat() != 0
            && clock.instant().getEpochSecond() - response.lastNat() < Addresses.HOST_MILLIS / 1000;
    question.answer.complete(
        Optional.of(
            new Observation(
                time,
                question.client,
                0,
                P0fLabels.NOWHERE,
                0,
                P0fLabels.fingerprint(response),
                shared ? 2 : 1,
                uptime)));
  }

  private static void closeQuietly(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("closing p0f's socket", e);
    }
  }

  @Override
  public Status status() {
    return new Status(path.toString(), up, line, answered.sum(), lost.sum());
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    SocketChannel open = channel;
    if (open != null) {
      closeQuietly(open);
    }
    timer.shutdownNow();
    for (Question left; (left = queue.poll()) != null; ) {
      left.answer.complete(Optional.empty());
    }
  }
}
