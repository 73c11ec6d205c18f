// SPDX-License-Identifier: Apache-2.0
// trace-admin prices: the list, single prices, files of them, and what it refuses.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { start } from '../lib/instance.mjs';
import { Database, root } from './admin.mjs';

let instance, database, file;
before(async () => {
  instance = await start();
  database = await Database.migrated(instance);
  file = join(instance.state, 'prices.json');
});
after(() => instance?.stop());

const set = (...args) => ['prices', 'set', '--model', ...args];
const list = async () => (await database.good(['prices', 'list'])).prices;

test('the prices of this release come with an installation, with their date and sources', async () => {
  const shipped = JSON.parse(readFileSync(join(root, 'conf', 'prices.json'), 'utf8'));
  const { import: first } = await database.good(['prices', 'import']);
  assert.deepEqual(first, { written: shipped.prices.length, unchanged: 0 });
  assert.deepEqual((await database.good(['prices', 'import'])).import, { written: 0, unchanged: first.written });
  const all = await list();
  assert.equal(all.length, shipped.prices.length);
  for (const { model, input, source, cacheRead } of shipped.prices) {
    const row = all.find((one) => one.model === model);
    assert.deepEqual(
      [Number(row.input), row.source, row.asOf, row.cacheRead && Number(row.cacheRead)],
      [input, shipped.sources[source], shipped.asOf, cacheRead],
    );
  }
  // Those of an instance that was set up are there already.
  const [{ count }] = await instance.psql('SELECT count(*) FROM model_prices');
  assert.equal(Number(count), shipped.prices.length);
});

test('an import leaves alone what somebody has set, and replaces what an import has written', async () => {
  await database.good(set('mine', '--input', '1', '--output', '2', '--cache-read', '0.1'));
  const prices = (input) => ({
    asOf: '2026-02-03',
    sources: { here: 'https://example.org/prices' },
    prices: ['mine', 'Theirs'].map((model) => ({ model, source: 'here', input, output: 9 })),
  });
  for (const [input, written] of [
    [7, 1],
    [8, 1],
    [8, 0],
  ]) {
    writeFileSync(file, JSON.stringify(prices(input)));
    const { import: told } = await database.good(['prices', 'import', '--file', file]);
    assert.deepEqual(told, { written, unchanged: 2 - written });
  }
  const rows = Object.fromEntries((await list()).map(({ model, ...row }) => [model, row]));
  assert.deepEqual([rows.mine.input, rows.mine.cacheRead, rows.mine.source], ['1', '0.1', undefined]);
  assert.deepEqual([rows.theirs.input, rows.theirs.asOf], ['8', '2026-02-03']);
});

test('a workspace has prices of its own, which are removed alone', async () => {
  await database.good(['create-workspace', 'Knossos']);
  await database.good(set('mine', '--input', '5', '--output', '5', '--workspace', 'Knossos'));
  const { prices } = await database.good(['prices', 'list', '--workspace', 'Knossos']);
  assert.deepEqual(
    prices.filter(({ model }) => model === 'mine').map(({ workspace, input }) => [workspace, input]),
    [
      [undefined, '1'],
      ['Knossos', '5'],
    ],
  );
  await database.good(['prices', 'remove', '--model', 'MINE', '--workspace', 'Knossos']);
  assert.equal((await list()).filter(({ model }) => model === 'mine').length, 1);
  const { entries } = await database.good(['audit', '--limit', '2']);
  assert.deepEqual(
    entries.map(({ action, subject }) => [action, subject]),
    [
      ['remove-price', 'mine'],
      ['set-price', 'mine'],
    ],
  );
});

test('what is no price, no file of prices or no action is refused, and nothing is changed', async () => {
  const before = await list();
  const price = (model) => ({ model, source: 'a', input: 1, output: 1 });
  const bad = {
    'sources is missing': { asOf: '2026-01-01', prices: [] },
    'a date that is none': { asOf: 'today', sources: {}, prices: [] },
    'a negative price': {
      asOf: '2026-01-01',
      sources: { a: 'b' },
      prices: [{ model: 'm', source: 'a', input: -1, output: 1 }],
    },
    'asOf is no date of the calendar: 2026-02-31': { asOf: '2026-02-31', sources: { a: 'b' }, prices: [price('m')] },
    'price 3: MINE-2 has a price already, price 1': {
      asOf: '2026-01-01',
      sources: { a: 'b' },
      prices: [price('mine-2'), price('other'), price('MINE-2')],
    },
    'a source that is not named': {
      asOf: '2026-01-01',
      sources: {},
      prices: [{ model: 'm', source: 'a', input: 1, output: 1 }],
    },
  };
  for (const [what, content] of Object.entries(bad)) {
    writeFileSync(file, JSON.stringify(content));
    const { status, err } = await database.admin(['prices', 'import', '--file', file]);
    assert.equal(status, 2, what);
    assert.match(err, /prices\.json: /, what);
    if (/^(asOf|price)/.test(what)) assert.ok(err.includes(what), err);
  }
  for (const args of [
    ['prices', 'guess'],
    ['prices', 'list', '--model', 'm'],
    ['prices', 'remove'],
    ['prices', 'import', '--file', '/nowhere'],
    ['prices', 'remove', '--model', 'not there'],
    set('m', '--input', '1'),
    set('m', '--input', '-1', '--output', '1'),
    set('m', '--input', '1e3', '--output', '1'),
    set('m', '--input', 'x', '--output', '1'),
    set('m', '--input', '1', '--output', '1', '--workspace', 'nowhere'),
  ]) {
    const { status, err } = await database.admin(args);
    assert.equal(status, 2, args.join(' '));
    assert.notEqual(err, '');
  }
  assert.deepEqual(await list(), before);
});
