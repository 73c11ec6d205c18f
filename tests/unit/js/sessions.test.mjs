// SPDX-License-Identifier: Apache-2.0
// The address of the table of sessions: its order, its filters, and what they are to the server.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filtersOf, fits, listFields, orderAfter, orderOf, tokensOf } from '../../../static/ui/session-query.js';

const now = Date.parse('2026-05-04T12:00:00Z');
const given = (fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

test('a heading sorts from the most, then from the least; the start is what an address does not name', () => {
  assert.deepEqual(orderOf({}), { sort: 'started', order: 'desc', isFixed: false });
  assert.deepEqual(orderAfter({}, 'tokens'), { sort: 'tokens', order: null });
  assert.deepEqual(orderAfter({ sort: 'tokens' }, 'tokens'), { sort: 'tokens', order: 'asc' });
  assert.deepEqual(orderAfter({ sort: 'tokens', order: 'asc' }, 'tokens'), { sort: 'tokens', order: null });
  assert.deepEqual(orderAfter({ sort: 'tokens', order: 'asc' }, 'started'), { sort: null, order: null });
  assert.deepEqual(orderAfter({}, 'started'), { sort: null, order: 'asc' });
  assert.deepEqual(orderOf({ sort: 'title' }).sort, 'started');
});

test('a search is by the start, whatever was sorted by', () => {
  assert.deepEqual(orderOf({ q: 'x', sort: 'cost', order: 'asc' }), { sort: 'started', order: 'desc', isFixed: true });
  assert.deepEqual(orderOf({ q: 'x', order: 'asc' }), { sort: 'started', order: 'asc', isFixed: true });
});

test('days are whole days of the reader, periods end now, moments stay what they are', () => {
  const day = (text) => new Date(`${text}T00:00:00`).toISOString();
  assert.deepEqual(given(listFields({ from: '2026-05-01', to: '2026-05-03' }, now)), {
    from: day('2026-05-01'),
    to: day('2026-05-04'),
    sort: 'started',
    order: 'desc',
  });
  assert.equal(listFields({ within: '24h' }, now).from, '2026-05-03T12:00:00.000Z');
  assert.equal(listFields({ from: '2026-05-01T10:00:00Z' }, now).from, '2026-05-01T10:00:00Z');
  assert.equal(listFields({ from: 'yesterday' }, now).from, 'yesterday');
  assert.equal(listFields({ to: '2026-12-31' }, now).to, day('2027-01-01'));
});

test('what runs has begun or waits to', () => {
  assert.equal(listFields({ status: 'running' }, now).status, 'pending,running');
  assert.equal(listFields({ status: 'failed,cancelled' }, now).status, 'failed,cancelled');
});

test('filters are told in words', () => {
  const names = { persona: (id) => ({ per_1: 'Ariadne' })[id] };
  assert.deepEqual(
    filtersOf(
      { persona: 'per_1', model: 'tiny', within: '7d', rating: 'down', stream: 'str_9', q: 'x', trace: 'ses_1' },
      names,
    ).map(({ label, value }) => `${label}: ${value}`),
    ['Agent: Ariadne', 'Where: str_9', 'Model: tiny', 'Rating: bad', 'Begun: the last 7 days'],
  );
});

test('a session that begins belongs to the lists whose filters it fits', () => {
  const session = {
    status: 'pending',
    personaId: 'per_1',
    streamId: 'str_1',
    parentStreamId: 'str_0',
    tags: ['nightly'],
    usage: { model: 'tiny' },
  };
  for (const query of [
    {},
    { status: 'running' },
    { persona: 'per_1', tag: 'nightly' },
    { stream: 'str_1' },
    { stream: 'str_0' },
    { model: 'tiny', within: '1h' },
  ])
    assert.ok(fits(session, query), JSON.stringify(query));
  for (const query of [
    { status: 'failed' },
    { persona: 'per_2' },
    { tag: 'x' },
    { stream: 'str_2' },
    { q: 'a' },
    { rating: 'up' },
    { to: '2026-05-01' },
  ])
    assert.ok(!fits(session, query), JSON.stringify(query));
});

test('tokens are those in and out, else what was said in all', () => {
  assert.equal(tokensOf({ usage: { inputTokens: 3, outputTokens: 4, totalTokens: 9 } }), 7);
  assert.equal(tokensOf({ usage: { outputTokens: 4 } }), 4);
  assert.equal(tokensOf({ usage: { totalTokens: 9 } }), 9);
  assert.equal(tokensOf({ usage: { model: 'tiny' } }), undefined);
  assert.equal(tokensOf({}), undefined);
});
