// SPDX-License-Identifier: Apache-2.0
// The pusher reaches its limit of open files while many readers come: those who are there read on, newcomers are told
// `unavailable`, and the pusher does not spin and lets them in when it can.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { limitDescriptors } from '../../lib/descriptors.mjs';

const FLOOD = 60;
const WATCHED_MS = 1500;
const CPU_SHARE_MOST = 0.6;

const reached = {
  name: 'descriptors: the limit reached',
  isAlone: true,
  spares: true,
  async act(world, round, random) {
    const pusher = world.instance.pid('trace-pusher');
    limitDescriptors(pusher, world.descriptors(pusher) + 2);
    const flood = [];
    try {
      for (let i = 0; i < FLOOD; i++)
        flood.push(round.open(world.agent, [`stream:${round.streams[i % round.streams.length]}`]));
      await sleep(random.between(300, 600));
      const before = world.cpu(pusher);
      await sleep(WATCHED_MS);
      const share = (world.cpu(pusher) - before) / (WATCHED_MS / 1000);
      assert.ok(share < CPU_SHARE_MOST, `the pusher took ${share.toFixed(2)} of a processor`);
      assert.ok(
        flood.some((reader) => reader.last(reader.rooms[0]) < 0),
        'somebody is not let in',
      );
    } finally {
      limitDescriptors(pusher);
    }
    assert.equal(world.instance.pid('trace-pusher'), pusher, 'the pusher lives');
  },
};

export default [reached];
