// SPDX-License-Identifier: Apache-2.0
package org.greyprint.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments that were cut or damaged at random, by a fixed seed. */
class FramesTest {
  @TempDir Path directory;

  private final List<Entry> entries = new ArrayList<>();
  private final List<Integer> ends = new ArrayList<>();

  private byte[] segment(Random random) {
    entries.clear();
    ends.clear();
    Output out = new Output();
    out.raw(Frames.MAGIC);
    for (int i = 0; i < 40; i++) {
      int start = out.size();
      out.raw(new byte[Frames.HEAD]);
      Entry entry = Entries.random(random, i);
      EntryCodec.encode(entry, out);
      Frames.seal(out, start);
      entries.add(entry);
      ends.add(out.size());
    }
    return Arrays.copyOf(out.array(), out.size());
  }

  private List<Entry> read(byte[] bytes) throws IOException {
    Files.write(Segments.path(directory, 1), bytes);
    List<Entry> read = new ArrayList<>();
    new JournalReader(directory).each(Query.ALL, read::add);
    return read;
  }

  @Test
  void whatStandsBeforeACutIsRead() throws IOException {
    Random random = new Random(3);
    for (int i = 0; i < 1500; i++) {
      byte[] bytes = segment(random);
      int cut = random.nextInt(bytes.length + 1);
      int whole = (int) ends.stream().filter(end -> end <= cut).count();
      assertThat(read(Arrays.copyOf(bytes, cut))).isEqualTo(entries.subList(0, whole));
      int end = Frames.end(bytes, cut);
      assertThat(end)
          .isEqualTo(whole == 0 ? Math.min(cut, Frames.MAGIC.length) : ends.get(whole - 1));
    }
  }

  @Test
  void everyRecordThatWasNotDamagedIsRead() throws IOException {
    Random random = new Random(4);
    for (int i = 0; i < 1500; i++) {
      byte[] bytes = segment(random);
      Set<Integer> damaged = new HashSet<>();
      for (int k = random.nextInt(5); k >= 0; k--) {
        int at = random.nextInt(bytes.length);
        bytes[at] ^= (byte) (1 + random.nextInt(255));
        damaged.add((int) ends.stream().filter(end -> end <= at).count());
      }
      List<Entry> whole = new ArrayList<>();
      for (int n = 0; n < entries.size(); n++) {
        if (!damaged.contains(n) || n == 0 && onlyMagic(bytes)) {
          whole.add(entries.get(n));
        }
      }
      assertThat(read(bytes)).isEqualTo(whole);
    }
  }

  /** Whether the damage before the second record hit the segment's first octets alone. */
  private boolean onlyMagic(byte[] bytes) {
    return Frames.whole(bytes, Frames.MAGIC.length, bytes.length) > 0;
  }

  @Test
  void noiseIsNoRecordAndNoError() throws IOException {
    Random random = new Random(5);
    for (int i = 0; i < 200; i++) {
      byte[] noise = new byte[random.nextInt(20_000)];
      random.nextBytes(noise);
      assertThat(read(noise)).isEmpty();
    }
  }
}
