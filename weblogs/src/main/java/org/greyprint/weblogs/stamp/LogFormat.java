// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.greyprint.weblogs.stamp.LogFormat.Result.Bad;
import org.greyprint.weblogs.stamp.LogFormat.Result.Good;

/**
 * The format of a log: where a line's date stands and how it is written.
 *
 * <ul>
 *   <li>{@code clf}, {@code combined}: {@code host ident user [28/Jun/2012:12:00:00 +0200] ...}, as
 *       Apache and nginx write it
 *   <li>{@code vhost_combined}: the same with the virtual host (and port) before it
 *   <li>{@code syslog}: {@code Jun 28 12:00:00 host ...} (RFC 3164), with or without {@code <PRI>};
 *       the year comes from the file's time
 *   <li>{@code rfc5424}: {@code <PRI>1 2012-06-28T12:00:00.123+02:00 host ...}
 *   <li>{@code iso}: a date of ISO 8601 or RFC 3339 at the start of the line, or after its first
 *       {@code [}
 *   <li>a pattern in the notation of strftime, see {@link PatternStamps}
 *   <li>{@code auto}: the one of these that fits most of a source's first lines
 * </ul>
 *
 * @param pattern the pattern of {@link Kind#PATTERN}, else empty
 */
public record LogFormat(Kind kind, String pattern) {
  /** What there is. */
  public enum Kind {
    AUTO,
    CLF,
    COMBINED,
    VHOST_COMBINED,
    SYSLOG,
    RFC5424,
    ISO,
    PATTERN
  }

  /** A format, or why the word is none. */
  public sealed interface Result {
    /** The word names this format. */
    record Good(LogFormat format) implements Result {}

    /** The word names none: one line that says why. */
    record Bad(String why) implements Result {}
  }

  public static final LogFormat AUTO = new LogFormat(Kind.AUTO, "");
  public static final LogFormat CLF = new LogFormat(Kind.CLF, "");
  public static final LogFormat COMBINED = new LogFormat(Kind.COMBINED, "");
  public static final LogFormat VHOST_COMBINED = new LogFormat(Kind.VHOST_COMBINED, "");
  public static final LogFormat SYSLOG = new LogFormat(Kind.SYSLOG, "");
  public static final LogFormat RFC5424 = new LogFormat(Kind.RFC5424, "");
  public static final LogFormat ISO = new LogFormat(Kind.ISO, "");

  /** The formats that {@code auto} chooses from; of two that fit as well, the first. */
  static final List<LogFormat> KNOWN = List.of(VHOST_COMBINED, COMBINED, CLF, RFC5424, ISO, SYSLOG);

  public LogFormat {
    Objects.requireNonNull(kind);
    if (kind == Kind.PATTERN && Pattern.parse(pattern) instanceof Pattern.Result.Bad(String why)) {
      throw new IllegalArgumentException(why);
    }
  }

  /** The format a user's word names: one of the names above, or a pattern with a {@code %}. */
  public static Result parse(String word) {
    if (word.indexOf('%') >= 0) {
      return switch (Pattern.parse(word)) {
        case Pattern.Result.Bad(String why) -> new Bad(why);
        case Pattern.Result.Good good -> new Good(new LogFormat(Kind.PATTERN, word));
      };
    }
    for (Kind kind : Kind.values()) {
      if (kind != Kind.PATTERN && name(kind).equals(word.toLowerCase(Locale.ROOT))) {
        return new Good(new LogFormat(kind, ""));
      }
    }
    return new Bad(
        "the format is auto, clf, combined, vhost_combined, syslog, rfc5424, iso, or a pattern such"
            + " as '%d/%b/%Y:%H:%M:%S %z', not "
            + word);
  }

  /** The name, or the pattern, as {@link #parse} takes it. */
  public String word() {
    return kind == Kind.PATTERN ? pattern : name(kind);
  }

  private static String name(Kind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** Whether a line's first field is a virtual host. */
  public boolean hasVirtualHost() {
    return kind == Kind.VHOST_COMBINED;
  }

  /**
   * What finds the stamps of one source.
   *
   * @throws IllegalStateException for {@code auto}, which has to be decided first
   */
  public Stamps stamps(StampContext context) {
    return switch (kind) {
      case AUTO -> throw new IllegalStateException("the format is not decided yet");
      case CLF, COMBINED, VHOST_COMBINED -> new ClfStamps(context);
      case SYSLOG -> new SyslogStamps(context);
      case RFC5424 -> new IsoStamps(context, true);
      case ISO -> new IsoStamps(context, false);
      case PATTERN ->
          new PatternStamps(
              switch (Pattern.parse(pattern)) {
                case Pattern.Result.Good(Pattern parsed) -> parsed;
                case Pattern.Result.Bad(String why) -> throw new IllegalStateException(why);
              },
              context);
    };
  }
}
