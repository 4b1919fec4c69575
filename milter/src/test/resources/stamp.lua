-- SPDX-License-Identifier: Apache-2.0
-- miltertest's side of MilterServerTest.
local function must(condition, what)
  if not condition then error(what) end
end

local conn = mt.connect(socket, 20, 0.1)
must(conn, "connect")
must(mt.negotiate(conn, nil, nil, nil) == nil, "negotiate")
must(mt.test_action(conn, SMFIF_ADDHDRS), "ADDHDRS")
must(mt.test_action(conn, SMFIF_CHGHDRS), "CHGHDRS")
must(not mt.test_action(conn, SMFIF_CHGBODY), "CHGBODY was not wanted")
must(mt.test_option(conn, SMFIP_NOBODY), "NOBODY")

mt.macro(conn, SMFIC_CONNECT, "j", "mx.example.net")
must(mt.conninfo(conn, "pc.example.org", "2001:db8::23") == nil, "conninfo")
must(mt.getreply(conn) == SMFIR_CONTINUE, "conninfo's answer")
must(mt.helo(conn, "pc") == nil, "helo")

for message = 1, 2 do
  must(mt.mailfrom(conn, "<a@example.org>") == nil, "mailfrom")
  must(mt.getreply(conn) == SMFIR_CONTINUE, "mailfrom's answer")
  must(mt.rcptto(conn, "<later@example.net>") == nil, "rcptto")
  must(mt.getreply(conn) == SMFIR_REPLYCODE, "a reply of its own")
  must(mt.rcptto(conn, "<never@example.net>") == nil, "rcptto")
  must(mt.getreply(conn) == SMFIR_REPLYCODE, "a reply of its own")
  must(mt.rcptto(conn, "<u@example.net>") == nil, "rcptto")
  must(mt.getreply(conn) == SMFIR_CONTINUE, "rcptto's answer")
  must(mt.header(conn, "Subject", "hello") == nil, "header")
  must(mt.header(conn, "X-Stamp", "forged") == nil, "header")
  must(mt.eom(conn) == nil, "eom")
  must(mt.getreply(conn) == SMFIR_CONTINUE, "eom's answer")
  must(mt.eom_check(conn, MT_HDRDELETE, "X-Stamp"), "the forged one is removed")
  must(mt.eom_check(conn, MT_HDRINSERT, "X-Stamp", "message " .. message .. " Bcc: x"), "insert")
end
mt.disconnect(conn)
mt.echo("all is well")
