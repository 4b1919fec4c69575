// SPDX-License-Identifier: Apache-2.0
package org.greyprint.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.greyprint.testkit.Needs;
import org.greyprint.testkit.Programs;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rule of docs/spamassassin.md in rspamd's own Lua, with its own messages. */
@Tag("peer")
@Needs("rspamadm")
class RspamdSnippetTest {
  private static final String PROGRAM =
      """
      local rspamd_task = require "rspamd_task"
      rspamd_config = {}
      SNIPPET
      local function try(headers)
        local ok, task = rspamd_task.load_from_string(headers .. "Subject: x\\n\\nhi\\n", nil)
        task:process_message()
        print("hit=" .. tostring((rspamd_config.GREYPRINT_WINDOWS.callback(task))))
        task:destroy()
      end
      try("X-P0f-OS: Windows 10 or 11 [role=client]\\nx-p0f-os: Linux\\n")
      try("X-P0f-OS: Linux\\nx-p0f-os: Windows XP\\n")
      try("X-P0f-OS: Windows Server 2012 or newer [role=server]\\n")
      try("X-P0f-OS: Windows NT [role=server]\\n")
      try("X-P0f-OS: UNKNOWN\\n")
      try("")
      """;

  @TempDir private Path folder;

  @Test
  void hitsTheTopmostHeaderOfAWindowsClientOnly() throws Exception {
    Path program = folder.resolve("try.lua");
    Files.writeString(
        program, PROGRAM.replace("SNIPPET", Exim.blocks("spamassassin.md", "lua").getFirst()));
    Programs.Result result =
        Programs.run(
            Duration.ofSeconds(30), List.of("rspamadm", "lua", "-b", "-s", program.toString()));
    assertThat(result.out().lines().filter(line -> line.startsWith("hit=")))
        .as(result.out())
        .containsExactly(
            "hit=true", "hit=false", "hit=false", "hit=false", "hit=false", "hit=false");
  }
}
