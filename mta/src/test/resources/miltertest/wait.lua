-- SPDX-License-Identifier: Apache-2.0
-- A Windows client waits at RCPT, recipient by recipient, and passes when it comes again.
dofile(folder .. "/common.lua")
begin("pc.isp.example", "192.0.2.7")
from("<a@isp.example>")
to("<one@example.net>", SMFIR_REPLYCODE)
to("<never@example.net>", SMFIR_REPLYCODE)
to("<two@example.net>", SMFIR_REPLYCODE)
must(mt.abort(conn) == nil, "abort")
from("<a@isp.example>")
to("<retry@example.net>", SMFIR_CONTINUE)
to("<one@example.net>", SMFIR_REPLYCODE)
message(windows)
finish()
