// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.greyprint.app.config.Configuration;
import org.greyprint.journal.Entry;
import org.greyprint.journal.JournalReader;
import org.greyprint.journal.Query;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Tells why a client was treated as it was, and what would happen now. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = "Why a client was, or would be, treated as it was.")
final class ExplainCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private JournalOption journal = new JournalOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "ADDRESS[:PORT]",
      description = "The client: 192.0.2.7, 192.0.2.7:50000, 2001:db8::7 or [2001:db8::7]:50000.")
  private @Nullable String client;

  @Option(names = "--id", paramLabel = "ID", description = "The decision with this id.")
  private @Nullable String id;

  @Option(
      names = "--last",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many decisions of the history to show (default: ${DEFAULT-VALUE}).")
  private int last = 10;

  private final Clock clock;

  ExplainCommand() {
    this(Clock.systemUTC());
  }

  ExplainCommand(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Integer call() {
    CommandSpec own = Objects.requireNonNull(spec);
    String address = client;
    String wanted = id;
    if ((address == null) == (wanted == null) || last < 1) {
      throw new ParameterException(
          own.commandLine(), "give either ADDRESS[:PORT] or --id ID, and --last 1 or more");
    }
    Configuration configuration = journal.config().load();
    JournalReader reader = new JournalReader(journal.directory());
    Explanation explanation = new Explanation(configuration.rules(), clock.instant());
    try {
      String text =
          wanted != null
              ? ofId(reader, explanation, wanted)
              : ofClient(reader, explanation, own, Objects.requireNonNull(address));
      own.commandLine().getOut().print(text);
      own.commandLine().getOut().print(LiveExplanation.of(configuration, wanted, address));
      own.commandLine().getOut().flush();
    } catch (IOException e) {
      throw new Failure("explain: " + e.getMessage() + ": look at the journal's permissions", e);
    }
    journal.tellDamage(reader, own.commandLine().getErr());
    return Main.DONE;
  }

  private String ofId(JournalReader reader, Explanation explanation, String wanted)
      throws IOException {
    Entry entry =
        reader
            .find(wanted)
            .orElseThrow(() ->
                new Failure(
                    "no decision '"
                        + wanted
                        + "' in the journal: it may be older than the journal is kept"));
    List<Entry> history =
        reader.newest(Query.byClient(entry.client(), 0), last).stream()
            .filter(other -> !other.id().equals(entry.id()))
            .toList();
    return explanation.of(entry, history);
  }

  private String ofClient(
      JournalReader reader, Explanation explanation, CommandSpec own, String text)
      throws IOException {
    HostPort host =
        HostPort.parse(text)
            .orElseThrow(() ->
                new ParameterException(
                    own.commandLine(),
                    text + ": give an address such as 192.0.2.7:50000 or [2001:db8::7]:50000"));
    List<Entry> found = reader.newest(Query.byClient(host.address(), host.port()), 1);
    if (found.isEmpty() && host.port() != 0) {
      found = reader.newest(Query.byClient(host.address(), 0), 1);
    }
    if (found.isEmpty()) {
      return explanation.ofNothing(text);
    }
    Entry newest = found.getFirst();
    List<Entry> history =
        reader.newest(Query.byClient(host.address(), 0), last + 1).stream()
            .filter(other -> !other.id().equals(newest.id()))
            .limit(last)
            .toList();
    return explanation.of(newest, history);
  }

  /** An address with a port, or 0. */
  record HostPort(InetAddress address, int port) {
    static Optional<HostPort> parse(String text) {
      String host = text;
      String port = "0";
      int colon = text.lastIndexOf(':');
      if (text.startsWith("[")) {
        int end = text.indexOf(']');
        if (end < 0 || end + 1 < text.length() && text.charAt(end + 1) != ':') {
          return Optional.empty();
        }
        host = text.substring(1, end);
        port = end + 2 <= text.length() ? text.substring(end + 2) : "0";
      } else if (colon >= 0 && text.indexOf(':') == colon) {
        host = text.substring(0, colon);
        port = text.substring(colon + 1);
      }
      boolean literal =
          host.matches("\\d{1,3}(\\.\\d{1,3}){3}")
              || host.contains(":") && host.matches("[0-9A-Fa-f:.]+");
      if (!literal || !port.matches("\\d{1,5}") || Integer.parseInt(port) > 65535) {
        return Optional.empty();
      }
      try {
        return Optional.of(new HostPort(InetAddress.getByName(host), Integer.parseInt(port)));
      } catch (UnknownHostException e) {
        return Optional.empty();
      }
    }
  }
}
