-- SPDX-License-Identifier: Apache-2.0
-- Own users and local clients pass whatever the rules say, and nothing is told of their machines.
dofile(folder .. "/common.lua")
begin("pc.isp.example", "192.0.2.7")
mt.macro(conn, SMFIC_MAIL, "{auth_authen}", "bob")
from("<bob@example.net>")
to("<one@example.org>", SMFIR_CONTINUE)
message("UNKNOWN")
-- The login was for that message's session; without one the next client waits.
mt.disconnect(conn)
begin("localhost", "127.0.0.1")
from("<root@example.net>")
to("<one@example.net>", SMFIR_CONTINUE)
message("UNKNOWN")
mt.disconnect(conn)
begin("pc.isp.example", "192.0.2.7")
from("<bob@example.net>")
to("<one@example.net>", SMFIR_REPLYCODE)
finish()
