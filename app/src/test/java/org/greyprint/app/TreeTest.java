// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Test;

/** What holds for the source tree as a whole. */
class TreeTest {
  private static final Set<String> NOT_SOURCES =
      Set.of(".git", "target", "var", "node_modules", ".idea", ".settings");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#\\s]+)(?:#[^)]*)?\\)");

  private static List<Path> files(String... endings) throws IOException {
    List<Path> found = new ArrayList<>();
    Files.walkFileTree(
        Programs.root(),
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return NOT_SOURCES.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            for (String ending : endings) {
              if (file.toString().endsWith(ending)) {
                found.add(file);
              }
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return found;
  }

  @Test
  void everyLinkOfThePagesLeadsToAFile() throws IOException {
    List<String> dead = new ArrayList<>();
    List<Path> pages = files(".md");
    for (Path page : pages) {
      Matcher link = LINK.matcher(Files.readString(page));
      while (link.find()) {
        String target = link.group(1);
        if (!target.contains("://") && !Files.exists(page.resolveSibling(target))) {
          dead.add(Programs.root().relativize(page) + ": " + target);
        }
      }
    }
    assertThat(pages).hasSizeGreaterThan(10);
    assertThat(dead).isEmpty();
  }

  @Test
  void everySourceFileNamesItsLicence() throws IOException {
    List<Path> without = new ArrayList<>();
    List<Path> sources = files(".java", "pom.xml", ".py", ".sh", ".c", ".fp", ".cf", ".yaml");
    for (Path source : sources) {
      if (source.toString().contains("/src/test/resources/")) {
        continue; // Input of tests, taken as it is.
      }
      String text = new String(Files.readAllBytes(source), StandardCharsets.ISO_8859_1);
      if (!text.lines().limit(5).anyMatch(l -> l.contains("SPDX-License-Identifier: Apache-2.0"))) {
        without.add(Programs.root().relativize(source));
      }
    }
    assertThat(sources).hasSizeGreaterThan(300);
    assertThat(without).isEmpty();
  }
}
