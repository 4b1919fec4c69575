// SPDX-License-Identifier: Apache-2.0
package org.greyprint.weblogs;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.greyprint.weblogs.State.Known;
import org.greyprint.weblogs.stamp.Stamps;
import org.jspecify.annotations.Nullable;

/**
 * Finds each source again among those that earlier runs took of.
 *
 * <p>A source is known by the hash of its first octets, unpacked: so it is the same one after it
 * was renamed, copied and truncated, or packed; and what stands in its old place is another one.
 * Where several fit, the one with the same device and inode is it. The octets before the place
 * where the earlier run ended are compared too.
 */
final class KnownSources implements Resumption {
  /** A last line without an end that is older than this will not get one. */
  private static final Duration LINE_ENDS_WITHIN = Duration.ofHours(1);

  /** A source that was not seen for so long is forgotten. */
  private static final Duration REMEMBERED = Duration.ofDays(800);

  private final State state;
  private final Instant now;
  private final List<String> notices = new ArrayList<>();
  private final List<Found> found = new ArrayList<>();

  /** What a source was found to be: the one that is known, or a copy of it, or new. */
  private record Found(Content content, byte[] head, @Nullable Known known, boolean nothing) {}

  KnownSources(State state, Instant now) {
    this.state = state;
    this.now = now;
  }

  /** What an administrator should know. */
  List<String> notices() {
    return notices;
  }

  @Override
  public List<Start> start(List<Content> contents) throws IOException {
    Set<Object> keys = new HashSet<>();
    List<byte[]> heads = new ArrayList<>();
    for (Content content : contents) {
      if (content.key() != null && !keys.add(content.key())) {
        throw new LogsException(content.name() + " is the same file as another: give it once");
      }
      heads.add(content.head(Content.HEAD));
    }
    @Nullable Known[] chosen = new Known[contents.size()];
    Set<Known> taken = new HashSet<>();
    for (int i = 0; i < chosen.length; i++) {
      choose(i, contents.get(i), heads.get(i), true, chosen, taken);
    }
    for (int i = 0; i < chosen.length; i++) {
      choose(i, contents.get(i), heads.get(i), false, chosen, taken);
    }
    List<Start> starts = new ArrayList<>();
    for (int i = 0; i < chosen.length; i++) {
      starts.add(start(contents.get(i), heads.get(i), chosen[i], taken));
    }
    return starts;
  }

  private void choose(
      int number,
      Content content,
      byte[] head,
      boolean sameFile,
      @Nullable Known[] chosen,
      Set<Known> taken) {
    if (chosen[number] != null) {
      return;
    }
    state.sources().stream()
        .filter(known -> !taken.contains(known) && fits(known, head))
        .filter(known -> !sameFile || known.key().equals(key(content)))
        .max(Comparator.comparingInt(Known::head).thenComparingLong(Known::offset))
        .ifPresent(known -> {
          chosen[number] = known;
          taken.add(known);
        });
  }

  private static String key(Content content) {
    return content.key() == null ? "" : content.key().toString();
  }

  private static boolean fits(Known known, byte[] head) {
    return known.head() <= head.length && known.headHash().equals(Hashes.of(head, known.head()));
  }

  private Start start(Content content, byte[] head, @Nullable Known known, Set<Known> taken)
      throws IOException {
    if (known == null) {
      for (Known other : taken) {
        if (fits(other, head)) {
          notices.add(
              content.name()
                  + " begins like "
                  + other.name()
                  + ", which is given too: taken for a copy of it, nothing is read");
          content.finish();
          found.add(new Found(content, head, null, true));
          return Start.BEGINNING;
        }
      }
      hold(content);
      found.add(new Found(content, head, null, false));
      return new Start(Optional.empty(), Stamps.NONE, state.newest());
    }
    Start start = new Start(known.format(), known.last(), state.newest());
    if (!content.plain()
        && !known.key().isEmpty()
        && known.key().equals(key(content))
        && known.size() == content.fileSize()
        && known.modified() == content.modified()) {
      // Packed, and not touched since it was read to its end.
      content.finish();
      found.add(new Found(content, head, known, true));
      return start;
    }
    byte[] tail = content.skipTo(known.offset(), known.tail());
    if (content.position() < known.offset()) {
      notices.add(
          content.name()
              + " is shorter than what was taken of it ("
              + known.offset()
              + " octets): nothing is new");
      content.finish();
      found.add(new Found(content, head, known, true));
      return start;
    }
    if (!known.tailHash().equals(Hashes.of(tail, tail.length))) {
      notices.add(
          content.name()
              + " was changed before octet "
              + known.offset()
              + ", where the last run ended: only what comes after is taken");
    }
    hold(content);
    found.add(new Found(content, head, known, false));
    return start;
  }

  private void hold(Content content) throws IOException {
    if (!content.plain() || content.written().plus(LINE_ENDS_WITHIN).isBefore(now)) {
      return;
    }
    long held = content.holdBack();
    if (held > 0) {
      notices.add(
          content.name()
              + ": the last line has no end yet ("
              + held
              + " octets): left for the next run");
    }
  }

  /** The state after the sources have been taken. */
  State next(List<Scan> scans, String target) {
    List<Known> sources = new ArrayList<>();
    Set<Known> replaced = new HashSet<>();
    long newest = state.newest();
    for (int i = 0; i < scans.size(); i++) {
      Found source = found.get(i);
      Scan scan = scans.get(i);
      newest = Math.max(newest, scan.summary().last());
      if (source.known != null) {
        replaced.add(source.known);
      }
      if (source.nothing) {
        if (source.known != null) {
          sources.add(seen(source.known));
        }
        continue;
      }
      Content content = source.content;
      if (content.position() == 0) {
        continue; // an empty file: nothing tells it from another
      }
      int head = (int) Math.min(source.head.length, content.position());
      byte[] tail = content.tail();
      sources.add(
          new Known(
              content.name(),
              key(content),
              content.fileSize(),
              content.modified(),
              head,
              Hashes.of(source.head, head),
              content.position(),
              tail.length,
              Hashes.of(tail, tail.length),
              scan.format(),
              scan.current(),
              now.getEpochSecond()));
    }
    long oldest = now.minus(REMEMBERED).getEpochSecond();
    for (Known known : state.sources()) {
      if (!replaced.contains(known) && known.seen() >= oldest) {
        sources.add(known);
      }
    }
    return new State(state.generation() + 1, target, newest, sources);
  }

  private Known seen(Known k) {
    return new Known(
        k.name(),
        k.key(),
        k.size(),
        k.modified(),
        k.head(),
        k.headHash(),
        k.offset(),
        k.tail(),
        k.tailHash(),
        k.format(),
        k.last(),
        now.getEpochSecond());
  }
}
