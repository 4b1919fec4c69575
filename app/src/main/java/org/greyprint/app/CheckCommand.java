// SPDX-License-Identifier: Apache-2.0
package org.greyprint.app;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.greyprint.app.config.Configuration;
import org.greyprint.app.config.ConfigurationResult;
import org.greyprint.app.serve.PoolFiles;
import org.greyprint.fingerprint.Loaded;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code greyprint check}: what is wrong with a configuration. */
@Command(
    name = "check",
    mixinStandardHelpOptions = true,
    description = "Tells mistakes in the configuration, its rules and signatures.",
    footer = "Exit status: 0 no mistakes, 1 mistakes (each with file, line and column), 2 usage.")
final class CheckCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Mixin private ConfigOption config = new ConfigOption();

  @Override
  public Integer call() {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    List<String> mistakes = new ArrayList<>();
    switch (config.read()) {
      case ConfigurationResult.Faulty faulty ->
          faulty.problems().forEach(problem -> mistakes.add(problem.toString()));
      case Configuration configuration -> {
        mistakes.addAll(signatures(configuration));
        mistakes.addAll(pools(configuration));
      }
    }
    if (mistakes.isEmpty()) {
      String name = config.name();
      out.println((name.isEmpty() ? "the default configuration" : name) + ": no mistakes");
    } else {
      mistakes.forEach(out::println);
    }
    out.flush();
    return mistakes.isEmpty() ? Main.DONE : Main.FAULT;
  }

  /** The mistakes in databases that the configuration names. */
  private static List<String> signatures(Configuration configuration) {
    List<String> mistakes = new ArrayList<>();
    for (String name : configuration.signatures()) {
      try {
        if (Databases.load(name) instanceof Loaded.Faulty faulty) {
          faulty
              .problems()
              .forEach(
                  problem -> mistakes.add(name + ":" + problem.line() + ": " + problem.message()));
        }
      } catch (Failure e) {
        mistakes.add("signatures: " + e.getMessage());
      }
    }
    return mistakes;
  }

  /** The mistakes in files of pools that it names. */
  private static List<String> pools(Configuration configuration) {
    List<String> mistakes = new ArrayList<>();
    for (Path file : configuration.poolFiles()) {
      try {
        PoolFiles.read(List.of(file));
      } catch (Failure e) {
        mistakes.add(String.valueOf(e.getMessage()));
      }
    }
    return mistakes;
  }
}
