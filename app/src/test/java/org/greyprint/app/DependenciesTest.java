// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rooms of the house use only those below them; docs/architecture.md has the picture. */
class DependenciesTest {
  private static final List<String> ROOMS =
      List.of(
          "fingerprint",
          "capture",
          "greylist",
          "milter",
          "decision",
          "journal",
          "mta",
          "weblogs",
          "replication",
          "app");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("org.greyprint");

  @Test
  void dependenciesPointDownwards() {
    var layers = layeredArchitecture().consideringOnlyDependenciesInLayers();
    for (String room : ROOMS) {
      assertThat(CLASSES.stream().anyMatch(each -> in(each.getPackageName(), room)))
          .as(room)
          .isTrue();
      layers = layers.layer(room).definedBy("org.greyprint." + room + "..");
    }
    layers
        .whereLayer("fingerprint")
        .mayNotAccessAnyLayer()
        .whereLayer("capture")
        .mayOnlyAccessLayers("fingerprint")
        .whereLayer("greylist")
        .mayNotAccessAnyLayer()
        .whereLayer("milter")
        .mayNotAccessAnyLayer()
        .whereLayer("decision")
        .mayOnlyAccessLayers("fingerprint", "greylist")
        // Entries hold decisions, whose evidence is of fingerprints.
        .whereLayer("journal")
        .mayOnlyAccessLayers("decision", "fingerprint")
        .whereLayer("mta")
        .mayOnlyAccessLayers("capture", "milter", "decision", "fingerprint")
        .whereLayer("weblogs")
        .mayNotAccessAnyLayer()
        .whereLayer("replication")
        .mayNotAccessAnyLayer()
        .whereLayer("app")
        .mayNotBeAccessedByAnyLayer()
        .check(CLASSES);
  }

  private static boolean in(String name, String room) {
    return name.equals("org.greyprint." + room) || name.startsWith("org.greyprint." + room + ".");
  }

  @Test
  void roomsAreFreeOfCycles() {
    slices().matching("org.greyprint.(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void whatComputesKnowsNoSocketsFilesOrThreads() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("org.greyprint.fingerprint..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "java.net..",
            "java.nio.file..",
            "java.nio.channels..",
            "java.util.concurrent..",
            "io.netty..")
        .check(CLASSES);
  }
}
