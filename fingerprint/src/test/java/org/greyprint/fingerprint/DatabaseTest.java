// SPDX-License-Identifier: Apache-2.0
package org.greyprint.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.greyprint.testkit.Needs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DatabaseTest {
  private static final String HEAD = "[tcp:request]\nlabel = s:win:Windows:x\n";

  private static List<Loaded.Problem> problems(String text) {
    return switch (Database.parse("test", text)) {
      case Loaded.Faulty faulty -> faulty.problems();
      case Database database -> List.of();
    };
  }

  @Test
  void theBuiltinOneHasNoShadows() {
    Database builtin = Database.builtin();
    assertThat(builtin.shadowed()).isEmpty();
    assertThat(builtin.entries()).hasSizeGreaterThan(80);
  }

  @Test
  void saysWhatIsWrongAndWhere() {
    String good = "sig = 4:64:0:*:mss*44,7:mss,sok,ts,nop,ws:df,id+:0\n";
    assertThat(problems(HEAD + good)).isEmpty();
    assertThat(problems("[tcp:request]\n" + good))
        .containsExactly(new Loaded.Problem(2, "sig before the first label"));
    assertThat(problems(HEAD + good + good.replace("4:64", "5:64")))
        .containsExactly(new Loaded.Problem(4, "the IP version is 4, 6 or *, not 5"));
    assertThat(problems(HEAD + good.replace("df,", "dg,")).getFirst().message())
        .isEqualTo("no quirk is called dg");
    assertThat(problems(HEAD + good.replace("4:64", "6:64")).getFirst().message())
        .isEqualTo("IPv6 has no df");
    assertThat(problems(HEAD + good.replace("64:0", "300:0")).getFirst().message())
        .contains("TTL is 0 to 255");
    assertThat(problems(HEAD + good.replace("mss,sok", "eol+1,sok")).getFirst().message())
        .isEqualTo("eol must be the last option");
    assertThat(problems(HEAD + "nonsense\n").getFirst().message()).contains("name = value");
  }

  @Test
  void findsEntriesThatCanNeverMatch() {
    String wide = "sig = *:64:0:*:*,*:mss:df:*\n";
    String narrow = "sig = 4:64:0:1460:8192,7:mss:df:0\n";
    Database database = (Database) Database.parse("test", HEAD + wide + narrow);
    assertThat(database.shadowed())
        .containsExactly(new Loaded.Problem(4, "can never match: line 3 matches all that it does"));
    assertThat(((Database) Database.parse("test", HEAD + narrow + wide)).shadowed()).isEmpty();
  }

  @Test
  @Tag("peer")
  @Needs({"p0f"})
  void readsTheDatabaseOfP0f() throws IOException {
    String text = Files.readString(Path.of("/etc/p0f/p0f.fp"), StandardCharsets.ISO_8859_1);
    assertThat(Database.parse("p0f.fp", text))
        .isInstanceOfSatisfying(
            Database.class,
            database -> {
              assertThat(database.entries()).hasSize(91);
              assertThat(database.link(1500)).isEqualTo("Ethernet or modem");
            });
  }
}
