// What the page loads is what there is, and follows its own rules.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
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

const modules = filesOf(root, '.js');
const index = readFileSync(join(root, 'index.html'), 'utf8');
const hrefs = (rel) => [...index.matchAll(new RegExp(`rel="${rel}" href="([^"]+)"`, 'g'))].map(([, href]) => href);

test('index.html preloads every module once, and every style sheet', () => {
  const expected = [
    ...modules.map((path) => `/${relative(root, path)}`),
    ...vendored.map((name) => `/vendor/${name}.js`),
  ];
  assert.deepEqual(hrefs('modulepreload').sort(), expected.sort());
  assert.deepEqual(hrefs('stylesheet').sort(), filesOf(join(root, 'css'), '.css').map((path) => `/${relative(root, path)}`).sort());
});

test('no module makes elements out of strings, or styles out of attributes', () => {
  for (const path of modules) {
    const text = readFileSync(path, 'utf8');
    assert.doesNotMatch(text, /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|document\.write|\beval\(/, path);
    assert.doesNotMatch(text, / style="/, path);
  }
  assert.doesNotMatch(index, /style=|<script>|onclick/i);
});

test('every module that needs a package takes it from vendor/', () => {
  for (const path of modules)
    for (const [, specifier] of readFileSync(path, 'utf8').matchAll(/^import .* from '([^']+)';$/gm))
      assert.match(specifier, /^\.\.?\//, path);
});

test('the table of step types: each has everything; another type works too', () => {
  const icons = readFileSync(join(root, 'icons.js'), 'utf8');
  const hues = readFileSync(join(root, 'css', 'hues.css'), 'utf8');
  for (const type of [...stepTypes, 'something_else', 'constructor']) {
    const kind = stepKind(type);
    for (const field of ['label', 'activity', 'icon', 'hue']) assert.equal(typeof kind[field], 'string', `${type}.${field}`);
    assert.equal(typeof kind.Body, 'function');
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
  assert.deepEqual([...nestsCount(metas)], [['a', 1], ['b', 1]]);
});
