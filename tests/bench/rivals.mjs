// SPDX-License-Identifier: Apache-2.0
// What others use to tell many readers of one thing, each as the load generator wants it. They are needed by benchmarks
// alone: where one is not there, its row is not measured, and it is said how to get it.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from '../lib/patience.mjs';
import { descriptors, workersOf } from './processes.mjs';

const run = promisify(execFile);
const NCHAN = '/usr/lib/nginx/modules/ngx_nchan_module.so';
const folder = fileURLToPath(new URL('socketio', import.meta.url));

// nginx with the module nchan, one worker, as it comes but for its limits. With a `port` its readers come by TCP.
export async function nchan(stage, port) {
  if (!existsSync(NCHAN))
    return { name: 'nchan', missing: 'apt-get install --no-install-recommends libnginx-mod-nchan' };
  const address = stage.path('nchan.sock');
  const files = descriptors();
  const master = await stage.nginx(
    'nchan',
    `
load_module ${NCHAN};
daemon off;
pid tmp/nginx.pid;
error_log stderr crit;
worker_processes 1;
worker_rlimit_nofile ${files};
events { worker_connections ${files - 256}; }
http {
  access_log off;
  client_body_temp_path tmp/body;
  proxy_temp_path tmp/proxy;
  fastcgi_temp_path tmp/fastcgi;
  scgi_temp_path tmp/scgi;
  uwsgi_temp_path tmp/uwsgi;
  keepalive_requests 1000000000;
  nchan_shared_memory_size 512m;
  server {
    listen unix:${address} backlog=4096;
    ${port ? `listen 127.0.0.1:${port} backlog=4096;` : ''}
    location = /subscribe { nchan_subscriber eventsource; nchan_channel_id $arg_room; }
    location = /publish { nchan_publisher; nchan_channel_id $arg_room; }
  }
}`,
  );
  return {
    name: 'nchan',
    address: port ? String(port) : address,
    request: 'GET /subscribe?room={room} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n',
    greeting: ': hi',
    feed: 'post',
    to: address,
    room: '/publish?room={room}',
    pids: () => workersOf(master.pid),
  };
}

async function install() {
  const key = createHash('sha256')
    .update(readFileSync(`${folder}/package-lock.json`))
    .digest('hex');
  const stamp = `${folder}/node_modules/.agent-trace`;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === key) return;
  await run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    cwd: folder,
  });
  writeFileSync(stamp, key);
}

// Socket.IO over WebSocket, one process, as it comes.
export async function socketIo(stage) {
  try {
    await install();
  } catch (error) {
    return { name: 'socket.io', missing: `cd ${folder} && npm ci   (${error.message.split('\n')[0]})` };
  }
  const [address, to] = [stage.path('socketio.sock'), stage.path('socketio.feed')];
  const child = stage.spawn([process.execPath, `${folder}/server.mjs`, address, to]);
  await until(() => existsSync(address) && existsSync(to), 'Socket.IO');
  return {
    name: 'socket.io',
    address,
    request:
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    greeting: '40{"sid"',
    socketio: true,
    feed: 'line',
    to,
    room: 'session:ses_000000000000000000{room}',
    pids: () => [child.pid],
  };
}
