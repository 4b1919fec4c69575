-- SPDX-License-Identifier: Apache-2.0
-- What the scripts of MilterScriptsTest have in common. Each begins with begin(client).
function must(condition, what)
  if not condition then error(what) end
end

function answered(failure, reply, what)
  must(failure == nil, what .. " could not be sent")
  local got = mt.getreply(conn)
  must(got == reply, what .. " was answered by " .. string.char(got))
end

function begin(name, address)
  conn = mt.connect(socket, 20, 0.1)
  must(conn, "connect")
  must(mt.negotiate(conn, nil, nil, nil) == nil, "negotiate")
  mt.macro(conn, SMFIC_CONNECT, "j", "mx.example.net", "{client_ptr}", name)
  answered(mt.conninfo(conn, name, address), SMFIR_CONTINUE, "CONNECT")
  answered(mt.helo(conn, name), SMFIR_CONTINUE, "HELO")
end

function from(sender)
  answered(mt.mailfrom(conn, sender), SMFIR_CONTINUE, "MAIL")
end

function to(recipient, reply)
  answered(mt.rcptto(conn, recipient), reply, "RCPT " .. recipient)
end

-- A header field; the filter said in the negotiation that it does not answer these.
function header(name, value)
  must(mt.header(conn, name, value) == nil, "header")
end

function message(value)
  answered(mt.data(conn), SMFIR_CONTINUE, "DATA")
  header("Subject", "hello")
  answered(mt.eom(conn), SMFIR_CONTINUE, "the end of the message")
  must(mt.eom_check(conn, MT_HDRINSERT, "X-P0f-OS", value), "our header: " .. value)
end

function finish()
  mt.disconnect(conn)
  mt.echo("all is well")
end
