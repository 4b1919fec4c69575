// SPDX-License-Identifier: Apache-2.0
// Runs the hooks of haraka-plugin-p0f as Haraka does: node haraka.js FOLDER SOCKET ADDRESS...
'use strict'
const path = require('node:path')
const [folder, socket, ...addresses] = process.argv.slice(2)
const plugin = require(path.join(folder, 'node_modules', 'haraka-plugin-p0f'))
plugin.cfg = { main: { socket_path: socket, add_header: 'X-p0f-Result' } }

const server = { notes: {}, logerror: console.error }
const print = (line) => process.stdout.write(line + '\n')

function ask(address, done) {
  const results = {}
  const headers = []
  const connection = {
    server,
    remote: { ip: address, is_private: false },
    results: {
      add: (who, what) => Object.assign(results, what),
      get: () => results,
    },
    transaction: {
      remove_header: () => headers.splice(0),
      add_header: (name, value) => headers.push(`${name}: ${value}`),
    },
    loginfo: () => {},
    logdebug: () => {},
    logerror: console.error,
  }
  plugin.query_p0f(() => {
    plugin.add_p0f_header(() => {
      print(`${address} ${results.err ?? ''} ${headers.join('')}`)
      done()
    }, connection)
  }, connection)
}

plugin.start_p0f_client(() => {
  let left = addresses.length
  for (const address of addresses) {
    ask(address, () => {
      if (--left === 0) process.exit(0)
    })
  }
}, server)
