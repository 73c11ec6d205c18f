// SPDX-License-Identifier: Apache-2.0
// Opens a stream of server-sent events and gives its lines. In Node and Bun by node:http, because a process must be able
// to end while the stream is open, which fetch prevents; elsewhere by fetch.

const LINE_MOST = 4096;

// Calls onLine for each line. Lines longer than what any name needs are cut.
function splitter(onLine) {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split(/\r\n|\n|\r/);
    rest = lines.pop().slice(0, LINE_MOST);
    for (const line of lines) onLine(line);
  };
}

async function openByNode(module, url, headers, onLine, onDone) {
  const { request } = await import(module);
  const feed = splitter(onLine);
  const call = request(url, { headers, agent: false });
  call.on('socket', (socket) => socket.unref());
  call.on('error', () => onDone(0));
  call.on('response', (reply) => {
    reply.setEncoding('utf8');
    reply.on('data', feed);
    reply.on('close', () => onDone(reply.statusCode));
    reply.on('error', () => {});
  });
  call.end();
  return () => call.destroy();
}

async function openByFetch(fetch, url, headers, onLine, onDone) {
  const abort = new AbortController();
  const read = async () => {
    const feed = splitter(onLine);
    const reply = await fetch(url, { headers, redirect: 'manual', signal: abort.signal });
    const decoder = new TextDecoder();
    const reader = reply.body.getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read())
      feed(decoder.decode(part.value, { stream: true }));
    return reply.status;
  };
  read().then(onDone, () => onDone(0));
  return () => abort.abort();
}

// Resolves with a function that closes it. onDone(status) is called once the stream is over; 0: there was no answer.
export function openStream({ url, fetch, onLine, onDone, headers }) {
  let isDone = false;
  const done = (status) => {
    if (isDone) return;
    isDone = true;
    onDone(status);
  };
  // The name is no literal, so that bundlers for browsers do not look for the module.
  const module = url.startsWith('https:') ? 'node:https' : 'node:http';
  const isNode = Boolean(globalThis.process?.versions?.node);
  return isNode ? openByNode(module, url, headers, onLine, done) : openByFetch(fetch, url, headers, onLine, done);
}
