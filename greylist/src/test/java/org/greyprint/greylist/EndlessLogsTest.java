// SPDX-License-Identifier: Apache-2.0
package org.greyprint.greylist;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EndlessLogsTest {
  @TempDir Path directory;

  /** A store that was written and opened again, so that its manifest has several records. */
  private Path store() throws IOException {
    Path folder = directory.resolve("store");
    for (int i = 0; i < 3; i++) {
      String name = "n" + i;
      try (Store store = RocksDbStore.open(folder)) {
        StoreContract.join(
            store.update(transaction -> {
              Store.Value value =
                  new Store.Value(new byte[] {1}, Instant.parse("2100-01-01T00:00:00Z"));
              transaction.put(Store.Space.TRIPLET, name, value);
              return true;
            }));
      }
    }
    return folder;
  }

  private static Path manifest(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.getFileName().toString().startsWith("MANIFEST"))
          .findFirst()
          .orElseThrow();
    }
  }

  /** Where the second record begins. */
  private static int second(byte[] manifest) {
    return 7 + (manifest[4] & 255 | (manifest[5] & 255) << 8);
  }

  @Test
  void soundFilesHaveAnEnd() throws IOException {
    EndlessLogs.check(store());
    EndlessLogs.check(directory.resolve("none"));
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8, 11, 131})
  void aManifestThatRocksDbWouldReadForEverIsDamaged(int type) throws IOException {
    Path folder = store();
    byte[] bytes = Files.readAllBytes(manifest(folder));
    bytes[second(bytes) + 6] = (byte) type;
    Files.write(manifest(folder), bytes);
    assertThatThrownBy(() -> EndlessLogs.check(folder)).isInstanceOf(RocksFiles.Damaged.class);
    try (Store store = RocksDbStore.open(folder)) {
      assertThat(store.trouble()).isEqualTo(Optional.empty());
      assertThat(store.figures()).containsEntry("damaged", 1L);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2, 9, 10, 12, 130, 255})
  void otherDamageIsLeftToRocksDb(int type) throws IOException {
    Path folder = store();
    byte[] bytes = Files.readAllBytes(manifest(folder));
    bytes[second(bytes) + 6] = (byte) type;
    Files.write(manifest(folder), bytes);
    EndlessLogs.check(folder);
    try (Store store = RocksDbStore.open(folder)) {
      assertThat(store.trouble()).isEmpty();
    }
  }

  @Test
  void whatStandsBehindABrokenRecordOfABlockIsNotLookedAt() throws IOException {
    byte[] bytes = Files.readAllBytes(manifest(store()));
    int second = second(bytes);
    bytes[second] ^= 1;
    int third = second + 7 + (bytes[second + 4] & 255 | (bytes[second + 5] & 255) << 8);
    assertThat(third).isLessThan(bytes.length);
    bytes[third + 6] = 5;
    assertThat(EndlessLogs.endless(bytes)).isFalse();
  }
}
