// SPDX-License-Identifier: Apache-2.0
// What a page of the table of sessions costs a backend of PostgreSQL, whatever else the machine does: processor time by the kernel's
// clock of the process, and blocks of 8 KiB that are read, of tables and indexes, by EXPLAIN.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { median } from './machine.mjs';

const TIMES = 5;
const END = '== end ==';
const members = {
  streamId: 'stream_id',
  personaId: 'persona_id',
  externalId: 'external_id',
  q: 'text',
  model: 'model',
  tag: 'tag',
  rating: 'rating',
  sort: 'sort',
};

// As store/session_list.c prints it.
function recordOf(query) {
  const asked = new URLSearchParams(query);
  const record = { page_size: 50, at_us: Date.now() * 1000, ascending: asked.get('order') === 'asc' };
  for (const [name, member] of Object.entries(members)) if (asked.has(name)) record[member] = asked.get(name);
  if (asked.has('status')) record.statuses = asked.get('status').split(',');
  for (const name of ['from', 'to']) if (asked.has(name)) record[`${name}_us`] = Date.parse(asked.get(name)) * 1000;
  if (asked.has('before')) {
    const [sort, , at, rank, key, id] = asked.get('before').split('~');
    Object.assign(record, { sort, at_us: Number(at), after_rank: Number(rank), after_key: key, after_id: id });
  }
  return JSON.stringify(record);
}

// A connection of its own, set up as the programs' are (store/pg.c).
export class Backend {
  #child;
  #lines;

  static async open(url) {
    const backend = new Backend();
    backend.#child = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-d', url], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    backend.#lines = createInterface({ input: backend.#child.stdout })[Symbol.asyncIterator]();
    await backend.#run('SET jit = off');
    [backend.pid] = await backend.#run('SELECT pg_backend_pid()');
    return backend;
  }

  async #run(statement) {
    this.#child.stdin.write(`${statement};\n\\echo ${END}\n`);
    const found = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`psql has ended at: ${statement}`);
      if (value === END) return found;
      found.push(value);
    }
  }

  #processorMs() {
    return Number(readFileSync(`/proc/${this.pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  }

  // Of `what`, session_list or session_list_count.
  async cost({ place, query }, what) {
    const statement = `SELECT p.* FROM (SELECT json_populate_record(NULL::session_query, '${recordOf(query)}') AS q,
      session_reach_of('${place.reader}', '${place.ws}') AS r OFFSET 0) me, LATERAL ${what}(me.q, me.r) p`;
    const took = [];
    for (let i = 0; i < TIMES; i++) {
      const before = this.#processorMs();
      await this.#run(`SELECT count(*) FROM (${statement}) x`);
      took.push(this.#processorMs() - before);
    }
    const plan = (await this.#run(`EXPLAIN (ANALYZE, BUFFERS, TIMING off, FORMAT json) ${statement}`)).join('\n');
    const [{ Plan: top }] = JSON.parse(plan);
    return { ms: median(took), blocks: top['Shared Hit Blocks'] + top['Shared Read Blocks'] };
  }

  close() {
    this.#child.stdin.end();
  }
}
