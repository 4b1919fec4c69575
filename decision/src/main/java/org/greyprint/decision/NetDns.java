// SPDX-License-Identifier: Apache-2.0
package org.greyprint.decision;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.MXRecord;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.PTRRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.ResolverConfig;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.TXTRecord;
import org.xbill.DNS.TextParseException;
import org.xbill.DNS.Type;

/**
 * Asks name servers over UDP, and TCP where an answer was cut; the servers are asked in turn until
 * one answers, each twice. Asks only servers that resolve for others.
 */
public final class NetDns implements Dns {
  private static final Pattern NAME =
      Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*");
  private static final int TRIES = 2;
  private static final int MOST_AT_ONCE = 2000;
  private static final int LONGEST_CHAIN = 8;
  private static final Duration ABSENT = Duration.ofMinutes(5);
  private static final Executor THREADS = task -> Thread.ofVirtual().start(task);

  private final List<SimpleResolver> resolvers = new ArrayList<>();
  private final Semaphore atOnce = new Semaphore(MOST_AT_ONCE);

  /** Asks the settings' servers, or the system's. */
  public NetDns(DnsSettings settings) {
    List<InetSocketAddress> servers =
        settings.servers().isEmpty()
            ? ResolverConfig.getCurrentConfig().servers()
            : settings.servers();
    for (InetSocketAddress server : servers) {
      SimpleResolver resolver = new SimpleResolver(server);
      resolver.setTimeout(settings.tryTimeout());
      resolvers.add(resolver);
    }
  }

  @Override
  public CompletionStage<DnsAnswer> ask(String name, DnsType type) {
    if (name.length() > 253 || !NAME.matcher(name).matches()) {
      return CompletableFuture.completedFuture(new DnsAnswer.Absent(ABSENT));
    }
    if (!atOnce.tryAcquire()) {
      return CompletableFuture.completedFuture(new DnsAnswer.Failed("too many questions at once"));
    }
    Name asked;
    Message query;
    int wireType = Type.value(type.name());
    try {
      asked = Name.fromString(name + ".");
      query = Message.newQuery(Record.newRecord(asked, wireType, DClass.IN));
    } catch (TextParseException e) {
      atOnce.release();
      return CompletableFuture.completedFuture(new DnsAnswer.Absent(ABSENT));
    }
    return ask(query, asked, type, 0, "no server")
        .exceptionally(e -> new DnsAnswer.Failed(e.toString()))
        .whenComplete((answer, e) -> atOnce.release());
  }

  /** Asks the next server, and so on until one answers or each was asked twice. */
  private CompletionStage<DnsAnswer> ask(
      Message query, Name asked, DnsType type, int attempt, String why) {
    if (attempt >= TRIES * resolvers.size()) {
      return CompletableFuture.completedFuture(new DnsAnswer.Failed(why));
    }
    return resolvers
        .get(attempt % resolvers.size())
        .sendAsync(query, THREADS)
        .handle((message, e) -> e == null ? read(message, asked, type) : failed(e))
        .thenCompose(answer ->
            answer instanceof DnsAnswer.Failed failed
                ? ask(query, asked, type, attempt + 1, failed.why())
                : CompletableFuture.completedFuture(answer));
  }

  private static DnsAnswer failed(Throwable e) {
    Throwable cause = e.getCause() instanceof IOException inner ? inner : e;
    return new DnsAnswer.Failed(String.valueOf(cause.getMessage()));
  }

  private static DnsAnswer read(Message message, Name asked, DnsType type) {
    try {
      return read(message, asked, type, Type.value(type.name()));
    } catch (RuntimeException malformed) {
      return new DnsAnswer.Failed("malformed answer: " + malformed);
    }
  }

  private static DnsAnswer read(Message message, Name asked, DnsType type, int wireType) {
    int rcode = message.getRcode();
    if (rcode != Rcode.NOERROR && rcode != Rcode.NXDOMAIN) {
      return new DnsAnswer.Failed("the server said " + Rcode.string(rcode));
    }
    Name name = asked;
    long ttl = Integer.MAX_VALUE;
    for (int hop = 0; hop < LONGEST_CHAIN; hop++) {
      List<Record> records = new ArrayList<>();
      Name alias = null;
      for (Record record : message.getSection(Section.ANSWER)) {
        if (record.getName().equals(name) && record.getType() == wireType) {
          records.add(record);
          ttl = Math.min(ttl, record.getTTL());
        } else if (record.getName().equals(name) && record instanceof CNAMERecord cname) {
          alias = cname.getTarget();
          ttl = Math.min(ttl, record.getTTL());
        }
      }
      if (!records.isEmpty()) {
        return new DnsAnswer.Found(values(records, type), Duration.ofSeconds(ttl));
      }
      if (alias == null) {
        break;
      }
      name = alias;
    }
    return new DnsAnswer.Absent(negative(message));
  }

  private static Duration negative(Message message) {
    for (Record record : message.getSection(Section.AUTHORITY)) {
      if (record instanceof SOARecord soa) {
        return Duration.ofSeconds(Math.min(soa.getTTL(), soa.getMinimum()));
      }
    }
    return ABSENT;
  }

  private static List<String> values(List<Record> records, DnsType type) {
    return switch (type) {
      case A -> records.stream().map(r -> ((ARecord) r).getAddress().getHostAddress()).toList();
      case AAAA ->
          records.stream().map(r -> ((AAAARecord) r).getAddress().getHostAddress()).toList();
      case PTR -> records.stream().map(r -> plain(((PTRRecord) r).getTarget())).toList();
      case MX ->
          records.stream()
              .map(MXRecord.class::cast)
              .sorted(Comparator.comparingInt(MXRecord::getPriority))
              .map(mx -> plain(mx.getTarget()))
              .toList();
      case TXT -> records.stream().map(r -> String.join("", ((TXTRecord) r).getStrings())).toList();
    };
  }

  private static String plain(Name name) {
    return name.toString(true);
  }
}
