// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiFunction;
import org.greyprint.app.GreylistAccess.Filter;
import org.greyprint.app.GreylistAccess.Part;
import org.greyprint.app.admin.Json;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code greyprint greylist list|show|release|forget|allow}: what the greylist keeps.
 *
 * <p>Asks the running daemon; while none runs, the store itself.
 */
@Command(
    name = "greylist",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Looks at and changes what the greylist keeps,",
      "of the running daemon or in the store of a stopped one."
    })
final class GreylistCommand {
  private static final int PAGE = 1000;

  @Spec private @Nullable CommandSpec spec;

  /** Which triplets. */
  static final class FilterOptions {
    @Option(
        names = "--client",
        paramLabel = "ADDRESS",
        defaultValue = "",
        description = "From this address or network, such as 192.0.2.0/24.")
    private String client = "";

    @Option(
        names = "--sender",
        paramLabel = "SENDER",
        defaultValue = "",
        description = "From this sender, @domain, or <> for the null sender.")
    private String sender = "";

    @Option(
        names = "--recipient",
        paramLabel = "RECIPIENT",
        defaultValue = "",
        description = "To this recipient, or @domain.")
    private String recipient = "";

    @Option(
        names = "--state",
        paramLabel = "waiting|released|passed",
        defaultValue = "",
        description = "In this state.")
    private String state = "";

    Filter filter() {
      return filter("", "");
    }

    /** The same, with what else was said of sender and recipient. */
    Filter filter(String otherSender, String otherRecipient) {
      return new Filter(
          client,
          sender.isEmpty() ? otherSender : sender,
          recipient.isEmpty() ? otherRecipient : recipient,
          state);
    }
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = "Triplets, one a line: state, since or until when, client, sender, recipient.")
  int list(
      @Mixin ConfigOption config,
      @Mixin FilterOptions which,
      @Option(
              names = "--limit",
              paramLabel = "N",
              defaultValue = "1000",
              description = "So many at most (default: ${DEFAULT-VALUE}).")
          int limit,
      @Option(names = "--json", description = "One JSON object a line.") boolean json) {
    try (GreylistAccess access = GreylistAccess.of(config.load(), false)) {
      boolean more =
          each(
              (after, most) -> access.triplets(which.filter(), after, most),
              limit,
              triplet -> out().println(json ? json(triplet) : line(triplet)));
      out().flush();
      if (more) {
        Objects.requireNonNull(spec)
            .commandLine()
            .getErr()
            .println("greyprint: there are more; raise --limit");
      }
    }
    return Main.DONE;
  }

  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = {
        "All that is kept: of triplets (by SENDER, RECIPIENT or options), or with --clients,",
        "--correspondents or --exceptions of these."
      })
  int show(
      @Mixin ConfigOption config,
      @Mixin FilterOptions which,
      @Parameters(
              paramLabel = "SENDER",
              arity = "0..1",
              defaultValue = "",
              description = "The same as --sender.")
          String sender,
      @Parameters(
              paramLabel = "RECIPIENT",
              arity = "0..1",
              defaultValue = "",
              description = "The same as --recipient.")
          String recipient,
      @Option(names = "--clients", description = "Networks and domains that delivered.")
          boolean clients,
      @Option(names = "--correspondents", description = "People our users wrote to.")
          boolean correspondents,
      @Option(names = "--exceptions", description = "The lists: who is not greylisted, and why.")
          boolean exceptions) {
    try (GreylistAccess access = GreylistAccess.of(config.load(), false)) {
      if (exceptions) {
        access.exceptions().forEach(this::block);
      } else if (clients) {
        each(access::clients, Integer.MAX_VALUE, this::block);
      } else if (correspondents) {
        each(access::correspondents, Integer.MAX_VALUE, this::block);
      } else {
        each(
            (after, most) -> access.triplets(which.filter(sender, recipient), after, most),
            Integer.MAX_VALUE,
            this::block);
      }
      out().flush();
    }
    return Main.DONE;
  }

  @Command(
      name = "release",
      mixinStandardHelpOptions = true,
      description = "Lets deferred triplets pass when they come again.")
  int release(
      @Mixin ConfigOption config,
      @Mixin FilterOptions which,
      @Option(names = "--all", description = "All of them.") boolean all) {
    Filter filter = chosen(which, all);
    try (GreylistAccess access = GreylistAccess.of(config.load(), true)) {
      return told(access.release(filter, user()), "released");
    }
  }

  @Command(
      name = "forget",
      mixinStandardHelpOptions = true,
      description = "Forgets triplets, so that they are greylisted anew.")
  int forget(
      @Mixin ConfigOption config,
      @Mixin FilterOptions which,
      @Option(names = "--all", description = "All of them.") boolean all) {
    Filter filter = chosen(which, all);
    try (GreylistAccess access = GreylistAccess.of(config.load(), true)) {
      return told(access.forget(filter), "forgotten");
    }
  }

  private Filter chosen(FilterOptions which, boolean all) {
    Filter filter = which.filter();
    if (filter.isEmpty() != all) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(),
          "give --client, --sender, --recipient or --state, or else --all");
    }
    return filter;
  }

  private int told(long count, String what) {
    out().println(count + " " + what);
    out().flush();
    return count > 0 ? Main.DONE : Main.FAULT;
  }

  @Command(
      name = "allow",
      mixinStandardHelpOptions = true,
      description = {
        "Exempts from greylisting, or sets another delay.",
        "KIND is recipient, recipient-domain, sender, sender-domain (these two only where SPF",
        "passes), client, helo or host (the forward-confirmed name). The list is shown by",
        "'greylist show --exceptions'."
      })
  int allow(
      @Mixin ConfigOption config,
      @Parameters(paramLabel = "KIND", description = "What is compared.") String kind,
      @Parameters(paramLabel = "VALUE", description = "With what, such as 192.0.2.0/24.")
          String value,
      @Option(
              names = "--delay",
              paramLabel = "TIME",
              defaultValue = "0",
              description = "The delay that holds instead (default: 0, none).")
          String delay,
      @Option(names = "--reason", paramLabel = "TEXT", defaultValue = "", description = "Why.")
          String reason,
      @Option(
              names = "--for",
              paramLabel = "TIME",
              defaultValue = "",
              description = "For how long, such as 30d (default: for good).")
          String lasts,
      @Option(names = "--remove", description = "Remove the entry instead.") boolean remove) {
    try (GreylistAccess access = GreylistAccess.of(config.load(), true)) {
      if (remove) {
        access.remove(kind + ":" + value);
        out().println("removed " + kind + ":" + value);
      } else {
        block(access.allow(kind, value, delay, user(), reason, lasts));
      }
      out().flush();
    }
    return Main.DONE;
  }

  /** Who asks: the one behind sudo, if there is one. */
  private static String user() {
    return Optional.ofNullable(System.getenv("SUDO_USER"))
        .filter(name -> !name.isBlank())
        .orElse(System.getProperty("user.name", "?"));
  }

  /** Whether there are more than the limit. */
  private static boolean each(
      BiFunction<String, Integer, Part> pages,
      int limit,
      java.util.function.Consumer<Map<String, Object>> consumer) {
    String after = "";
    int left = limit;
    while (left > 0) {
      Part part = pages.apply(after, Math.min(PAGE, left));
      part.items().forEach(consumer);
      left -= part.items().size();
      if (part.next().isEmpty()) {
        return false;
      }
      after = part.next().get();
    }
    return true;
  }

  private static String json(Map<String, Object> object) {
    return new String(Json.bytes(object), StandardCharsets.UTF_8);
  }

  private static String line(Map<String, Object> triplet) {
    String state = DaemonClient.text(triplet, "state");
    String when =
        switch (state) {
          case "waiting" -> "until " + clock(triplet, "due");
          case "released" -> "since " + clock(triplet, "first");
          default -> "since " + clock(triplet, "due");
        };
    return String.format(
        Locale.ROOT,
        "%-8s %s  %-15s  <%s> -> <%s>  %d %s",
        state,
        when,
        DaemonClient.text(triplet, "client"),
        clean(DaemonClient.text(triplet, "sender")),
        clean(DaemonClient.text(triplet, "recipient")),
        DaemonClient.number(triplet, "tries"),
        DaemonClient.number(triplet, "tries") == 1 ? "try" : "tries");
  }

  private static String clock(Map<String, Object> triplet, String key) {
    return Times.text(Instant.parse(DaemonClient.text(triplet, key)));
  }

  private void block(Map<String, Object> object) {
    object.forEach((key, value) -> {
      String text = value.toString();
      if (text.matches("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z")) {
        text = Times.text(Instant.parse(text));
      } else if (key.equals("delay") && value instanceof Number seconds) {
        text = Times.text(Duration.ofSeconds(seconds.longValue()));
      }
      if (!text.isEmpty()) {
        out().printf(Locale.ROOT, "%-12s %s%n", key, clean(text));
      }
    });
    out().println();
  }

  /** What came from outside, without control characters. */
  private static String clean(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }
}
