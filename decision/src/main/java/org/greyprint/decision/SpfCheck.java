// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.apache.james.jspf.core.DNSRequest;
import org.apache.james.jspf.core.DNSService;
import org.apache.james.jspf.core.exceptions.TimeoutException;
import org.apache.james.jspf.impl.SPF;
import org.jspecify.annotations.Nullable;

/**
 * Evaluates SPF (RFC 7208) with jSPF, asking our DNS. jSPF waits for answers, so each check has a
 * virtual thread; no more than {@value #MOST_AT_ONCE} run at once, further ones are unknown.
 */
final class SpfCheck {
  private static final int MOST_AT_ONCE = 500;
  private static final int PATIENCE_SECONDS = 20;
  private static final Executor THREADS = task -> Thread.ofVirtual().name("spf").start(task);

  private final Semaphore atOnce = new Semaphore(MOST_AT_ONCE);
  private final SPF spf;

  SpfCheck(Dns dns) {
    this.spf = new SPF(new Service(dns));
  }

  /** Never fails; a check that cannot be made is unknown. */
  CompletableFuture<SpfFinding> check(InetAddress client, String sender, String helo) {
    String domain = HostNames.domain(sender);
    if (domain.isEmpty() && HostNames.kind(helo).equals("name")) {
      domain = helo.toLowerCase(Locale.ROOT);
    }
    if (domain.isEmpty()) {
      return CompletableFuture.completedFuture(new SpfFinding(SpfResult.NONE, ""));
    }
    if (!atOnce.tryAcquire()) {
      return CompletableFuture.completedFuture(SpfFinding.UNKNOWN);
    }
    String of = domain;
    String from = HostNames.domain(sender).isEmpty() ? "" : sender;
    return CompletableFuture.supplyAsync(
            () -> {
              try {
                return new SpfFinding(result(client, from, helo), of);
              } finally {
                atOnce.release();
              }
            },
            THREADS)
        .exceptionally(e -> SpfFinding.UNKNOWN);
  }

  private SpfResult result(InetAddress client, String sender, String helo) {
    String word = spf.checkSPF(client.getHostAddress(), sender, helo).getResult();
    for (SpfResult result : SpfResult.values()) {
      if (result.word().equals(word.toLowerCase(Locale.ROOT))) {
        return result;
      }
    }
    return SpfResult.UNKNOWN;
  }

  /** Our DNS, as jSPF wants it: null where there is nothing, an exception where it is unknown. */
  private static final class Service implements DNSService {
    private final Dns dns;
    private volatile int limit = 10;

    Service(Dns dns) {
      this.dns = dns;
    }

    @Override
    public @Nullable List<String> getRecords(DNSRequest request) throws TimeoutException {
      DnsType type =
          switch (request.getRecordType()) {
            case DNSRequest.A -> DnsType.A;
            case DNSRequest.AAAA -> DnsType.AAAA;
            case DNSRequest.MX -> DnsType.MX;
            case DNSRequest.PTR -> DnsType.PTR;
            default -> DnsType.TXT;
          };
      if (request.getRecordType() == DNSRequest.SPF) {
        // RFC 7208, 3.1: records of type SPF (99) are no longer used.
        return null;
      }
      String name = request.getHostname();
      if (name.endsWith(".")) {
        name = name.substring(0, name.length() - 1);
      }
      try {
        DnsAnswer answer =
            dns.ask(name, type).toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        return switch (answer) {
          // jSPF changes the list.
          case DnsAnswer.Found found -> new ArrayList<>(found.values());
          case DnsAnswer.Absent absent -> null;
          case DnsAnswer.Failed failed -> throw new TimeoutException(failed.why());
        };
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new TimeoutException("interrupted");
      } catch (ExecutionException | java.util.concurrent.TimeoutException e) {
        throw new TimeoutException(String.valueOf(e.getMessage()));
      }
    }

    @Override
    public CompletableFuture<List<String>> getRecordsAsync(DNSRequest request) {
      return CompletableFuture.failedFuture(new UnsupportedOperationException("not used"));
    }

    @Override
    public List<String> getLocalDomainNames() {
      return List.of("localhost");
    }

    @Override
    public void setTimeOut(int seconds) {
      // The DNS has its own limits.
    }

    @Override
    public int getRecordLimit() {
      return limit;
    }

    @Override
    public void setRecordLimit(int most) {
      limit = most;
    }
  }
}
