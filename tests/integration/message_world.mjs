// SPDX-License-Identifier: Apache-2.0
// What the tests of messages share: an instance, two people and an agent in it, and the calls they make.
import { start } from '../lib/instance.mjs';
import { addPerson } from '../lib/people.mjs';
import { agentOf, personOf } from '../lib/rest.mjs';

export class MessageWorld {
  static async make() {
    const world = new MessageWorld();
    // A mebibyte takes its time where the machine is busy.
    world.instance = await start({ env: { TRACE_DATABASE_DEADLINE: '30' } });
    world.ada = await personOf(world.instance);
    world.bob = await addPerson(world.instance, 'Bob');
    world.agent = agentOf(world.instance);
    world.persona = (await world.agent.get('/api/auth/me')).expect(200).body.persona;
    world.general = world.instance.env.TRACE_STREAM;
    world.names = 0;
    return world;
  }

  stop() {
    return this.instance?.stop();
  }

  async makeStream(fields = {}) {
    const body = { type: 'channel', name: `room ${++this.names}`, ...fields };
    return (await this.ada.post('streams', body)).expect(201).body.stream;
  }

  async say(who, stream, content, more = {}) {
    return (await who.post(`streams/${stream}/messages`, { content, ...more })).expect(201).body.message;
  }

  async eventsOf(stream) {
    return (await this.ada.get(`streams/${stream}/events?limit=500`)).expect(200).body.events;
  }

  sessionsOf(stream) {
    return this.instance.psql(
      `SELECT id, status, persona_id, trigger_message_id, stream_id FROM agent_sessions WHERE stream_id = '${stream}' ORDER BY id`,
    );
  }

  endSessions() {
    return this.instance.psql(
      "UPDATE agent_sessions SET status = 'completed', completed_at = now() WHERE status IN ('pending', 'running')",
    );
  }
}
