// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs.stamp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.greyprint.weblogs.stamp.LogFormat.Result;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StampsTest {
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final StampContext CONTEXT =
      new StampContext(() -> BERLIN, Instant.parse("2012-07-01T10:00:00Z"));

  private static LogFormat format(String word) {
    return switch (LogFormat.parse(word)) {
      case Result.Good(LogFormat format) -> format;
      case Result.Bad(String why) -> throw new AssertionError(why);
    };
  }

  private static long find(Stamps stamps, String line) {
    // The line is in the middle of an array: what is around it must not matter.
    byte[] octets =
        ("\n" + line + "\n[28/Jun/2012:12:00:00 +0200]").getBytes(StandardCharsets.ISO_8859_1);
    return stamps.find(octets, 1, 1 + line.length());
  }

  private static long nanos(String instant) {
    Instant time = Instant.parse(instant);
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "clf|h - - [28/Jun/2012:12:00:00 +0200] \"GET / HTTP/1.0\" 200 5|2012-06-28T10:00:00Z",
        "combined|h - a b [c [28/Jun/2012:12:00:00 -0330] \"GET /\" 200 5|2012-06-28T15:30:00Z",
        "vhost_combined|w:80 h - - [01/jan/2012:00:00:60 +0000] \"GET /\" 1 1|2012-01-01T00:01:00Z",
        "combined|h - x[01/Jan/2000:00:00:00 +0000] [28/Jun/2012:12:00:00 +0200] \"-\" 408 0|2012-06-28T10:00:00Z",
        "combined|h - - [28/Jun/2012:12:00:00 +0200] nothing quoted|2012-06-28T10:00:00Z",
        "syslog|Jun 28 12:00:00 mx postfix/smtpd[1]: connect|2012-06-28T10:00:00Z",
        "syslog|<22>Jun  8 12:00:00 mx x|2012-06-08T10:00:00Z",
        "syslog|Dec 31 23:59:59 mx x|2011-12-31T22:59:59Z",
        "syslog|Jul  2 11:00:00 mx x|2012-07-02T09:00:00Z",
        "syslog|Jul  2 13:00:00 mx x|2011-07-02T11:00:00Z",
        "syslog|Feb 29 12:00:00 mx x|2012-02-29T11:00:00Z",
        "rfc5424|<165>1 2012-06-28T12:00:00.003Z mx app - - -|2012-06-28T12:00:00.003Z",
        "rfc5424|<0>1 2012-06-28T12:00:00.123456-07:00 mx|2012-06-28T19:00:00.123456Z",
        "iso|2012-06-28T12:00:00+02:00 mx postfix|2012-06-28T10:00:00Z",
        "iso|2012-06-28 12:00:00,5 INFO x|2012-06-28T10:00:00.5Z",
        "iso|[2012-06-28 12:00:00] x|2012-06-28T10:00:00Z",
        "iso|192.0.2.1 - - [2012-06-28T12:00:00+0530] \"GET /\"|2012-06-28T06:30:00Z",
        "iso|2012-06-28T12:00:00.1234567899Z|2012-06-28T12:00:00.123456789Z",
        "iso|2012-06-28 12:00:00-07 x|2012-06-28T19:00:00Z",
        "iso|2012-06-28 12:00:00 -07 x|2012-06-28T10:00:00Z",
        "%d.%m.%Y %T|seen on 28.06.2012 12:00:00|2012-06-28T10:00:00Z",
        "^%s.%f |1340884800.25 squid|2012-06-28T12:00:00.25Z",
        "%b %e, %Y %I:%M:%S %p|x Jun 8, 2012 12:00:01 AM|2012-06-07T22:00:01Z",
        "%Y-%j %H%M|2012-060 0130|2012-02-29T00:30:00Z",
        "%F %T%z|at 2012-06-28 12:00:00+02:00|2012-06-28T10:00:00Z"
      })
  void readsEachFormat(String format, String line, String instant) {
    assertThat(find(format(format).stamps(CONTEXT), line)).isEqualTo(nanos(instant));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "clf|",
        "clf|h - - [28/Jun/2012:12:00:00 +0200",
        "clf|h - - [31/Jun/2012:12:00:00 +0200] \"GET /\" 200 5",
        "clf|h - - [29/Feb/2011:12:00:00 +0000] \"GET /\" 200 5",
        "clf|h - - [28/Jun/2012:24:00:00 +0000] \"GET /\" 200 5",
        "clf|h - - [28/Jun/1600:12:00:00 +0000] \"GET /\" 200 5",
        "clf|h - - [28/Jum/2012:12:00:00 +0000] \"GET /\" 200 5",
        "clf|h - - [28/Jun/2012:12:00:00 0200x] \"GET /\" 200 5",
        "syslog|Jun 31 12:00:00 mx x",
        "syslog|Jun 28 12:00:00x mx x",
        "syslog|Jun 28",
        "rfc5424|<165>1 - mx app",
        "rfc5424|2012-06-28T12:00:00Z",
        "rfc5424|<165>0 2012-06-28T12:00:00Z",
        "iso|Mozilla/5.0 2012-06-28T12:00:00Z",
        "iso|[x] [2012-06-28T12:00:00Z]",
        "iso|2012-06-28T12:00:00+99:00",
        "iso|2012-13-28T12:00:00Z",
        "^%s |x 1340884800 "
      })
  void findsNoDateWhereNoneIs(String format, String line) {
    assertThat(find(format(format).stamps(CONTEXT), line == null ? "" : line))
        .isEqualTo(Stamps.NONE);
  }

  @Test
  void theHourThatIsTwiceIsToldByItsOrder() {
    StampContext context = new StampContext(() -> BERLIN, Instant.parse("2012-11-01T00:00:00Z"));
    Stamps stamps = LogFormat.SYSLOG.stamps(context);
    assertThat(find(stamps, "Oct 28 01:59:59 mx x")).isEqualTo(nanos("2012-10-27T23:59:59Z"));
    assertThat(find(stamps, "Oct 28 02:30:00 mx x")).isEqualTo(nanos("2012-10-28T00:30:00Z"));
    assertThat(find(stamps, "Oct 28 02:59:59 mx x")).isEqualTo(nanos("2012-10-28T00:59:59Z"));
    assertThat(find(stamps, "Oct 28 02:00:00 mx x")).isEqualTo(nanos("2012-10-28T01:00:00Z"));
    assertThat(find(stamps, "Oct 28 02:30:00 mx x")).isEqualTo(nanos("2012-10-28T01:30:00Z"));
    assertThat(find(stamps, "Oct 28 03:00:00 mx x")).isEqualTo(nanos("2012-10-28T02:00:00Z"));
    Stamps resumed = LogFormat.SYSLOG.stamps(context);
    resumed.resume(nanos("2012-10-28T01:10:00Z"));
    assertThat(find(resumed, "Oct 28 02:30:00 mx x")).isEqualTo(nanos("2012-10-28T01:30:00Z"));
  }

  @Test
  void theTurnOfTheYearIsReadInAnyOrder() {
    StampContext context = new StampContext(() -> BERLIN, Instant.parse("2012-01-02T00:00:00Z"));
    Stamps stamps = LogFormat.SYSLOG.stamps(context);
    for (int i = 0; i < 2; i++) {
      assertThat(find(stamps, "Dec 31 23:59:59 mx x")).isEqualTo(nanos("2011-12-31T22:59:59Z"));
      assertThat(find(stamps, "Jan  1 00:00:00 mx x")).isEqualTo(nanos("2011-12-31T23:00:00Z"));
      // A day later than the file, and more: the one is this year's, the other last year's.
      assertThat(find(stamps, "Jan  3 00:59:59 mx x")).isEqualTo(nanos("2012-01-02T23:59:59Z"));
      assertThat(find(stamps, "Jan  3 01:00:01 mx x")).isEqualTo(nanos("2011-01-03T00:00:01Z"));
    }
  }

  static List<String> words() {
    return List.of(
        "clf",
        "combined",
        "vhost_combined",
        "syslog",
        "rfc5424",
        "iso",
        "%d/%b/%Y:%H:%M:%S %z",
        "^%F %T.%f%z",
        "%e %b %I:%M:%S %p",
        "%s.%f",
        "%Y %j %T");
  }

  private static String line(String word, OffsetDateTime time) {
    LocalDateTime local = time.atZoneSameInstant(BERLIN).toLocalDateTime();
    String clf = form("dd/MMM/yyyy:HH:mm:ss xx", time);
    return switch (word) {
      case "clf", "combined" -> "192.0.2.1 - - [" + clf + "] \"GET / HTTP/1.1\" 200 5";
      case "vhost_combined" ->
          "a.example:80 192.0.2.1 - - [" + clf + "] \"GET /\" 200 5 \"-\" \"-\"";
      case "syslog" ->
          DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ENGLISH).format(local)
              + " mx x[1]: y";
      case "rfc5424" -> "<1>1 " + form("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSSxxx", time) + " mx";
      case "iso" -> form("yyyy-MM-dd HH:mm:ss,SSSSSSSSSxx", time) + " x";
      case "%d/%b/%Y:%H:%M:%S %z" -> "at " + clf + " x";
      case "^%F %T.%f%z" -> form("yyyy-MM-dd HH:mm:ss.SSSSSSSSSxxx", time);
      case "%e %b %I:%M:%S %p" ->
          "x " + DateTimeFormatter.ofPattern("ppd MMM hh:mm:ss a", Locale.ENGLISH).format(local);
      case "%s.%f" -> time.toEpochSecond() + "." + form("SSSSSSSSS", time);
      case "%Y %j %T" ->
          DateTimeFormatter.ofPattern("yyyy DDD HH:mm:ss", Locale.ENGLISH).format(local);
      default -> throw new AssertionError(word);
    };
  }

  private static String form(String pattern, OffsetDateTime time) {
    return DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH).format(time);
  }

  /** java.time is the reference: it writes, we read; we write, and read it again. */
  @ParameterizedTest
  @MethodSource("words")
  void agreesWithJavaTime(String word) {
    Random random = new Random(7);
    Stamps stamps = format(word).stamps(CONTEXT);
    boolean exact = word.equals("rfc5424") || word.equals("iso") || word.contains("%f");
    boolean anyYear = !word.equals("syslog") && !word.equals("%e %b %I:%M:%S %p");
    boolean seconds = word.equals("%s.%f");
    long first =
        Instant.parse(anyYear && !seconds ? "1800-01-01T00:00:00Z" : "2011-07-03T00:00:00Z")
            .getEpochSecond();
    long last =
        Instant.parse(anyYear ? "2200-01-01T00:00:00Z" : "2012-07-01T00:00:00Z").getEpochSecond();
    for (int i = 0; i < 20_000; i++) {
      long second = random.nextLong(first, last);
      if (second > 1319932800L - 86_400 && second < 1319932800L + 86_400) {
        continue; // the hour that is twice has its own test
      }
      int nanos = exact ? random.nextInt(1_000_000_000) : 0;
      ZoneOffset offset = ZoneOffset.ofTotalSeconds(random.nextInt(-720, 840) * 60);
      OffsetDateTime time = Instant.ofEpochSecond(second, nanos).atOffset(offset);
      if (word.equals("%Y %j %T")
          && BERLIN
                  .getRules()
                  .getValidOffsets(time.atZoneSameInstant(BERLIN).toLocalDateTime())
                  .size()
              != 1) {
        continue;
      }
      String line = line(word, time);
      long wanted = second * 1_000_000_000L + nanos;
      assertThat(find(stamps, line)).as(line).isEqualTo(wanted);
      rewrite(word, stamps, line, wanted, random);
    }
  }

  private static void rewrite(
      String word, Stamps stamps, String line, long instant, Random random) {
    ZoneOffset to = ZoneOffset.ofTotalSeconds(random.nextInt(-720, 840) * 60);
    byte[] octets = line.getBytes(StandardCharsets.ISO_8859_1);
    assertThat(stamps.find(octets, 0, octets.length)).isEqualTo(instant);
    byte[] target = new byte[stamps.longest()];
    int end = stamps.write(instant, to.getTotalSeconds(), octets, target, 0);
    String rewritten =
        line.substring(0, stamps.start())
            + new String(target, 0, end, StandardCharsets.ISO_8859_1)
            + line.substring(stamps.end());
    Instant time =
        Instant.ofEpochSecond(
            Math.floorDiv(instant, 1_000_000_000L), Math.floorMod(instant, 1_000_000_000L));
    String wanted =
        switch (word) {
          // Stamps without an offset: the local time at the new one.
          case "syslog", "%e %b %I:%M:%S %p", "%Y %j %T" ->
              line(word, time.atOffset(to).toLocalDateTime().atZone(BERLIN).toOffsetDateTime());
          default -> line(word, time.atOffset(to));
        };
    boolean gap =
        !time.atOffset(to)
            .toLocalDateTime()
            .atZone(BERLIN)
            .toLocalDateTime()
            .equals(time.atOffset(to).toLocalDateTime());
    if (!gap) {
      assertThat(rewritten).as("%s at %s", line, to).isEqualTo(wanted);
    }
  }

  /** Whatever octets there are: no exception, and nothing outside of the line. */
  @ParameterizedTest
  @MethodSource("words")
  void survivesAnyOctets(String word) {
    Random random = new Random(11);
    Stamps stamps = format(word).stamps(CONTEXT);
    String good = line(word, Instant.parse("2012-06-28T12:34:56.789Z").atOffset(ZoneOffset.UTC));
    for (int i = 0; i < 100_000; i++) {
      byte[] line = good.getBytes(StandardCharsets.ISO_8859_1);
      int changes = random.nextInt(4);
      for (int j = 0; j < changes; j++) {
        line[random.nextInt(line.length)] =
            random.nextBoolean()
                ? (byte) random.nextInt()
                : (byte) "0123456789:/ -+[]".charAt(random.nextInt(17));
      }
      int to = random.nextInt(3) == 0 ? random.nextInt(line.length + 1) : line.length;
      // The array ends with the line, so that reading beyond it is an exception.
      byte[] cut = Arrays.copyOf(line, to);
      int from = Math.min(to, random.nextInt(3) == 0 ? random.nextInt(line.length) : 0);
      long instant = stamps.find(cut, from, to);
      if (word.equals("clf")) {
        // What is remembered of the stamps before makes no difference.
        assertThat(instant).isEqualTo(format(word).stamps(CONTEXT).find(cut, from, to));
      }
      if (instant != Stamps.NONE) {
        assertThat(stamps.start()).isBetween(from, to);
        assertThat(stamps.end()).isBetween(stamps.start(), to);
        byte[] target = new byte[stamps.longest()];
        assertThat(stamps.write(instant, 3600, cut, target, 0)).isPositive();
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"%", "%Q %d %m", "%d", "%H:%M", "%I %d %m", "xml", ""})
  void refusesWhatIsNoFormat(String word) {
    assertThat(LogFormat.parse(word)).isInstanceOf(Result.Bad.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "vhost_combined|www.example.org:80 192.0.2.1 - - [28/Jun/2012:12:00:00 +0200] \"GET /\" 200 5",
        "vhost_combined|www.example.org 2001:db8::1 - a b [28/Jun/2012:12:00:00 +0200] \"GET /\" 200 5",
        "combined|192.0.2.1 - - [28/Jun/2012:12:00:00 +0200] \"GET /\" 200 5",
        "combined|192.0.2.1 - frank smith [28/Jun/2012:12:00:00 +0200] \"GET /\" 200 5",
        "rfc5424|<13>1 2012-06-28T12:00:00Z mx x",
        "iso|2012-06-28T12:00:00Z mx x",
        "syslog|Jun 28 12:00:00 mx x"
      })
  void tellsTheFormat(String format, String line) {
    byte[] sample = ("no date\n" + line + "\n" + line + "\n").getBytes(StandardCharsets.ISO_8859_1);
    assertThat(FormatDetection.detect(sample, sample.length, CONTEXT)).contains(format(format));
  }
}
