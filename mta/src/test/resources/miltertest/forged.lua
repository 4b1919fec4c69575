-- SPDX-License-Identifier: Apache-2.0
-- Forged headers go, however they are spelled, in each message of a session; ours stays.
dofile(folder .. "/common.lua")
begin("pc.isp.example", "2001:db8::7")
for n = 1, 3 do
  from("<a@isp.example>")
  to("<retry@example.net>", SMFIR_CONTINUE)
  for i = 1, n do
    header("x-P0F-oS", "Windows Server 2022 [role=server]")
    header("X-P0f-OS2", "something else")
    header("X-P0F-OS", "Linux")
  end
  message(windows)
  for i = 1, 2 * n do
    must(mt.eom_check(conn, MT_HDRDELETE, "x-p0f-os", i), "forged header " .. i .. " is removed")
  end
  must(not mt.eom_check(conn, MT_HDRDELETE, "x-p0f-os", 2 * n + 1), "no more than there are")
  must(not mt.eom_check(conn, MT_HDRDELETE, "X-P0f-OS2"), "another header stays")
end
finish()
