// SPDX-License-Identifier: Apache-2.0
// What the page loads is what there is, and follows its own rules.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { bodyOf } from '../../../static/trace/bodies.js';
import { nestsCount, nestsVisible } from '../../../static/trace/nests.js';
import { activityText, stepKind, stepTypes } from '../../../static/steps.js';

const root = fileURLToPath(new URL('../../../static', import.meta.url));
const vendored = ['dompurify', 'htm', 'marked', 'preact', 'preact-hooks', 'signals', 'signals-core'];

function filesOf(directory, ending) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return ['vendor', 'build'].includes(entry.name) ? [] : filesOf(path, ending);
    return entry.name.endsWith(ending) ? [path] : [];
  });
}

// What is no module: it runs before the first paint, and before any module has come.
const classic = ['/boot.js', '/theme.js'];
const modules = filesOf(root, '.js').filter((path) => !classic.some((one) => path === join(root, one)));
const index = readFileSync(join(root, 'index.html'), 'utf8');
const sharePage = readFileSync(join(root, 'share.html'), 'utf8');
const hrefs = (rel, page = index) =>
  [...page.matchAll(new RegExp(`rel="${rel}" href="([^"]+)"`, 'g'))].map(([, href]) => href);

const importPattern = /^(?:import|export)\s(?:[^;]*?\sfrom\s)?'([^']+)';/gm;

// Every module that `entries` need before they run, from the root on: "/ui/app.js".
function needed(entries) {
  const found = new Set();
  const visit = (path) => {
    if (found.has(path)) return;
    found.add(path);
    const text = path.startsWith('/vendor/') ? '' : readFileSync(join(root, path), 'utf8');
    for (const [, specifier] of text.matchAll(importPattern)) visit(join('/', dirname(path), specifier));
  };
  entries.forEach(visit);
  return found;
}

test('index.html preloads once every module that the start needs, no other, and every style sheet', () => {
  const expected = needed(['/main.js', '/early.js']);
  for (const name of vendored) expected.add(`/vendor/${name}.js`);
  assert.deepEqual(hrefs('modulepreload').sort(), [...expected].sort());
  assert.deepEqual(
    hrefs('stylesheet').sort(),
    filesOf(join(root, 'css'), '.css')
      .map((path) => `/${relative(root, path)}`)
      .sort(),
  );
});

test('share.html preloads once every module that a shared trace needs, and nothing of the workspace', () => {
  const expected = needed(['/share/main.js']);
  for (const name of vendored) expected.add(`/vendor/${name}.js`);
  assert.deepEqual(hrefs('modulepreload', sharePage).sort(), [...expected].sort());
  for (const path of ['/sync.js', '/store/apply.js', '/ui/app.js', '/ui/sidebar.js', '/outbox.js'])
    assert.ok(!expected.has(path), path);
  assert.match(sharePage, /<meta name="robots" content="noindex/);
  assert.match(sharePage, /<meta name="referrer" content="no-referrer"/);
});

test('the head of share.html is that of index.html, but for what only one of them needs', () => {
  const linesOf = (page) =>
    page
      .slice(0, page.indexOf('</head>'))
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => !/^<title>|rel="modulepreload"|<script type="module"/.test(line));
  const own = ['<meta name="robots"', '<meta name="referrer"'];
  const shared = linesOf(sharePage).filter((line) => !own.some((beginning) => line.startsWith(beginning)));
  // In the same order, too: the later of two style sheets wins.
  assert.deepEqual(
    shared,
    linesOf(index).filter((line) => shared.includes(line)),
  );
  const sheets = hrefs('stylesheet');
  assert.deepEqual(
    linesOf(index).filter((line) => !shared.includes(line)),
    sheets
      .filter((href) => !hrefs('stylesheet', sharePage).includes(href))
      .map((href) => `<link rel="stylesheet" href="${href}" />`),
  );
});

test('the start needs less than 150 kB of JavaScript, as gzip packs it', () => {
  for (const page of [index, sharePage]) {
    const sizes = hrefs('modulepreload', page).map((path) => gzipSync(readFileSync(join(root, path))).length);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(total < 150_000, `${total} bytes`);
  }
});

test('what is opened later is a module that the start does not need', () => {
  const app = readFileSync(join(root, 'ui', 'app.js'), 'utf8');
  const lazy = [...app.matchAll(/import\('([^']+)'\)/g)].map(([, specifier]) => join('/ui', specifier));
  assert.ok(lazy.includes('/trace/modal.js') && lazy.includes('/trace/page.js'), String(lazy));
  const start = needed(['/main.js', '/early.js']);
  for (const path of lazy) {
    assert.ok(!start.has(path), path);
    assert.ok(modules.includes(join(root, path)), path);
  }
});

test('no module makes elements out of strings, or styles out of attributes', () => {
  for (const path of modules) {
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(
      text,
      /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(/,
      path,
    );
    assert.doesNotMatch(text, / style="/, path);
  }
  assert.doesNotMatch(index, /style=|<script>|onclick/i);
  for (const page of [index, sharePage])
    assert.deepEqual(
      [...page.matchAll(/<script(?! type="module")[^>]*>/g)].map(String),
      classic.map((path) => `<script src="${path}">`),
    );
});

test('every module that needs a package takes it from vendor/', () => {
  // What is offered to copy imports what its reader has.
  for (const path of modules.filter((one) => !one.endsWith('connect/snippets.js')))
    for (const [, specifier] of readFileSync(path, 'utf8').matchAll(/^import .* from '([^']+)';$/gm))
      assert.match(specifier, /^\.\.?\//, path);
});

test('the table of step types: each has everything; another type works too', () => {
  const icons = readFileSync(join(root, 'icons.js'), 'utf8');
  const hues = readFileSync(join(root, 'css', 'hues.css'), 'utf8');
  for (const type of [...stepTypes, 'something_else', 'constructor']) {
    const kind = stepKind(type);
    for (const field of ['label', 'activity', 'icon', 'hue'])
      assert.equal(typeof kind[field], 'string', `${type}.${field}`);
    assert.equal(typeof bodyOf(type), 'function');
    assert.match(icons, new RegExp(`^  ${kind.icon}: \\[`, 'm'));
    assert.match(hues, new RegExp(`^\\.hue-${kind.hue} \\{`, 'm'));
  }
  assert.equal(stepKind('something_else').label, 'something else');
  assert.equal(activityText(undefined), 'working');
});

test('folding a step hides what is below it, at any depth', () => {
  const metas = [{ id: 'a' }, { id: 'b', parentId: 'a' }, { id: 'c', parentId: 'b' }, { id: 'd' }];
  const byId = new Map(metas.map((meta) => [meta.id, meta]));
  const ids = (folded) => nestsVisible(metas, byId, new Set(folded)).map((meta) => meta.id);
  assert.deepEqual(ids([]), ['a', 'b', 'c', 'd']);
  assert.deepEqual(ids(['a']), ['a', 'd']);
  assert.deepEqual(ids(['b']), ['a', 'b', 'd']);
  assert.deepEqual(
    [...nestsCount(metas)],
    [
      ['a', 1],
      ['b', 1],
    ],
  );
});
