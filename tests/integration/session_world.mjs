// SPDX-License-Identifier: Apache-2.0
// A workspace with everybody whom the tests of sessions and steps need: two personas, an admin, a member, a stranger and
// another workspace; a public channel, a private one and a thread. It is written straight into the database, so that these
// tests depend on trace-api alone.
import { newId } from '../lib/ids.mjs';
import { start } from '../lib/instance.mjs';
import { Client } from '../lib/rest.mjs';

const quote = (text) => `'${String(text).replaceAll("'", "''")}'`;

export class World {
  static async make(options) {
    const world = new World();
    world.instance = await start(options);
    world.sql = (text) => world.instance.psql(text);
    await world.#seed();
    return world;
  }

  async #seed() {
    const { url } = this.instance;
    const ids = (this.ids = {
      ws: newId('ws'),
      otherWs: newId('ws'),
      ariadne: newId('per'),
      daedalus: newId('per'),
      minos: newId('per'),
      ada: newId('usr'),
      bob: newId('usr'),
      eve: newId('usr'),
      open: newId('str'),
      secret: newId('str'),
      thread: newId('str'),
      root: newId('msg'),
    });
    const person = (id, name, ws, role) => `
      INSERT INTO users (id, email, name, avatar, password_hash) VALUES ('${id}', '${id}@example.com', '${name}', 'X', '-');
      INSERT INTO workspace_members (workspace_id, user_id, slug, role) VALUES ('${ws}', '${id}', '${name.toLowerCase()}', '${role}');
      INSERT INTO login_sessions (id, user_id, hash, expires_at)
        VALUES ('${newId('lgn')}', '${id}', sha256('${id}'), now() + interval '1 day');`;
    const token = (persona, ws, secret, scopes) => `
      INSERT INTO tokens (id, workspace_id, persona_id, hash, scopes)
        VALUES ('${newId('tok')}', '${ws}', '${persona}', sha256('${secret}'), '{${scopes}}');`;
    const persona = (id, name, ws) => `
      INSERT INTO personas (id, workspace_id, name, slug, avatar) VALUES ('${id}', '${ws}', '${name}', '${name.toLowerCase()}', 'P');
      ${token(id, ws, `atk_${id}`, 'read,sessions:write,messages:write')}`;
    await this.sql(`
      INSERT INTO workspaces (id, name) VALUES ('${ids.ws}', '${ids.ws}'), ('${ids.otherWs}', '${ids.otherWs}');
      ${person(ids.ada, 'Ada', ids.ws, 'admin')} ${person(ids.bob, 'Bob', ids.ws, 'member')} ${person(ids.eve, 'Eve', ids.otherWs, 'admin')}
      ${persona(ids.ariadne, 'Ariadne', ids.ws)} ${persona(ids.daedalus, 'Daedalus', ids.ws)} ${persona(ids.minos, 'Minos', ids.otherWs)}
      ${token(ids.ariadne, ids.ws, `atk_read_${ids.ariadne}`, 'read')}
      ${token(ids.ariadne, ids.ws, `atk_write_${ids.ariadne}`, 'sessions:write')}
      INSERT INTO streams (id, workspace_id, type, name, private, root_id) VALUES
        ('${ids.open}', '${ids.ws}', 'channel', 'open', false, '${ids.open}'),
        ('${ids.secret}', '${ids.ws}', 'channel', 'secret', true, '${ids.secret}');
      INSERT INTO stream_members (stream_id, member_id, role) VALUES ('${ids.secret}', '${ids.ada}', 'owner');`);
    await this.post(ids.open, ids.ada, 'what is the launch date?', ids.root);
    await this
      .sql(`INSERT INTO streams (id, workspace_id, type, name, private, root_id, parent_stream_id, parent_message_id)
      VALUES ('${ids.thread}', '${ids.ws}', 'thread', 'thread', false, '${ids.open}', '${ids.open}', '${ids.root}')`);
    const client = (credentials) => new Client(url, { workspace: ids.ws, ...credentials });
    this.agent = client({ token: `atk_${ids.ariadne}` });
    this.reader = client({ token: `atk_read_${ids.ariadne}` });
    this.writer = client({ token: `atk_write_${ids.ariadne}` });
    this.other = client({ token: `atk_${ids.daedalus}` });
    this.stranger = client({ token: `atk_${ids.minos}` });
    this.nobody = client({});
    this.ada = client({ cookie: `trace_login=${ids.ada}` });
    this.bob = client({ cookie: `trace_login=${ids.bob}` });
    this.eve = client({ cookie: `trace_login=${ids.eve}` });
  }

  // A message as workspace-api writes it, without the session that it would start.
  async post(stream, author, text, id = newId('msg')) {
    await this.sql(`WITH c AS (UPDATE streams SET last_seq = last_seq + 1 WHERE id = '${stream}' RETURNING last_seq),
      m AS (INSERT INTO messages (id, workspace_id, stream_id, seq, author_id, content)
            SELECT '${id}', '${this.ids.ws}', '${stream}', last_seq, '${author}', ${quote(text)} FROM c)
      INSERT INTO stream_events (stream_id, seq, type, actor_id, message_id)
        SELECT '${stream}', last_seq, 'message:created', '${author}', '${id}' FROM c`);
    return id;
  }

  async pending(fields = {}) {
    const row = {
      id: newId('ses'),
      workspace_id: this.ids.ws,
      persona_id: this.ids.ariadne,
      status: 'pending',
      last_seq: 0,
      ...fields,
    };
    row.chain_id = row.id;
    await this.sql(`INSERT INTO agent_sessions (${Object.keys(row)}) VALUES (${Object.values(row).map(quote)})`);
    return row.id;
  }

  // A running session of Ariadne's, without a stream unless one is named.
  async session(body = {}) {
    return (await this.agent.post('agent-sessions', body)).expect(201).body.session.id;
  }

  async last(stream) {
    return (await this.sql(`SELECT last_seq FROM streams WHERE id = '${stream}'`))[0].last_seq;
  }

  // Every number of the session's room from 1 to its counter is taken once, by an event or a step.
  async numbers(session) {
    const [{ last_seq: last }] = await this.sql(`SELECT last_seq FROM agent_sessions WHERE id = '${session}'`);
    const taken = await this.sql(`SELECT seq FROM session_events WHERE session_id = '${session}'
      UNION ALL SELECT start_seq FROM steps WHERE session_id = '${session}' AND start_seq IS DISTINCT FROM end_seq
      UNION ALL SELECT end_seq FROM steps WHERE session_id = '${session}' AND end_seq IS NOT NULL ORDER BY 1`);
    return { last, taken: taken.map(({ seq }) => seq) };
  }
}

// Sessions whose columns for the table of sessions are not what they came to.
export async function wronglySettled(sql) {
  const rows = await sql(`SELECT x.id FROM agent_sessions x, session_settled(x, x.completed_at) s
    WHERE (x.settled_duration_us, x.settled_tokens, x.settled_cost_usd, x.settled_model)
          IS DISTINCT FROM (s.duration_us, s.tokens, s.cost_usd, s.model)`);
  return rows.map(({ id }) => id);
}

export const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);
export { newId };
