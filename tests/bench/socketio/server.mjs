// SPDX-License-Identifier: Apache-2.0
// A Socket.IO server with one room that everybody is in: each line of JSON on the second socket goes there as an event.
//
//     server.mjs SUBSCRIBERS EVENTS        (paths of its sockets)
import { createServer as createHttp } from 'node:http';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { Server } from 'socket.io';

const [subscribers, events] = process.argv.slice(2);
const http = createHttp();
const io = new Server(http, { transports: ['websocket'], serveClient: false });
io.on('connection', (socket) => socket.join('room'));
createServer((feed) =>
  createInterface({ input: feed }).on('line', (line) =>
    io.to('room').emit('agent_session:step:started', JSON.parse(line)),
  ),
).listen(events);
http.listen({ path: subscribers, backlog: 4096 });
