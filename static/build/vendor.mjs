// SPDX-License-Identifier: Apache-2.0
// Copies the ES modules of the packages that the page uses to static/vendor/NAME.js, and makes them importable without an
// import map (the page's policy forbids one): every bare specifier becomes ./NAME.js. Fails if one is left. NAME.d.ts
// beside it leads the type checker to the package's own types.
// Run after `npm ci --ignore-scripts`; the result is never committed.
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const target = join(root, 'static', 'vendor');

// The specifier as others import it, the file inside node_modules, the name in static/vendor. A bundle imports nothing,
// and its strings may look like imports.
const modules = [
  { specifier: 'preact', file: 'preact/dist/preact.mjs', name: 'preact' },
  { specifier: 'preact/hooks', file: 'preact/hooks/dist/hooks.mjs', name: 'preact-hooks' },
  { specifier: '@preact/signals-core', file: '@preact/signals-core/dist/signals-core.mjs', name: 'signals-core' },
  { specifier: '@preact/signals', file: '@preact/signals/dist/signals.mjs', name: 'signals' },
  { specifier: 'htm', file: 'htm/dist/htm.mjs', name: 'htm' },
  { specifier: 'marked', file: 'marked/lib/marked.esm.js', name: 'marked' },
  { specifier: 'dompurify', file: 'dompurify/dist/purify.es.mjs', name: 'dompurify' },
  {
    specifier: '@highlightjs/cdn-assets',
    file: '@highlightjs/cdn-assets/es/highlight.min.js',
    name: 'highlight',
    isBundle: true,
  },
  { specifier: 'uplot', file: 'uplot/dist/uPlot.esm.js', name: 'uplot' },
];
const styles = [{ file: 'uplot/dist/uPlot.min.css', name: 'uplot' }];
const packages = ['preact', '@preact/signals-core', '@preact/signals', 'htm', 'marked', 'dompurify', '@highlightjs/cdn-assets', 'uplot'];

// htm's own types know nothing of Preact. A function in a template is a component or takes an event: its argument is
// not checked.
const htmTypes = `import type { VNode } from 'preact';
type Value = object | string | number | bigint | boolean | null | undefined | ((argument: any) => unknown);
declare const htm: {
  bind(create: unknown): (strings: TemplateStringsArray, ...values: Value[]) => VNode<any>;
};
export default htm;
`;
const names = new Map(modules.map((module) => [module.specifier, module.name]));

// `from"x"` and `import"x"`, minified or not, and import("x").
const specifierPattern = /(\bfrom\s*|\bimport\s*\(?\s*)(["'])([^"'\n]+)\2/g;
const sourceMapPattern = /\n?\/\/# sourceMappingURL=.*\s*$/;

function rewrite(source, file) {
  const result = source
    .replace(sourceMapPattern, '\n')
    .replace(specifierPattern, (whole, keyword, quote, specifier) => {
      if (/^\.?\.?\//.test(specifier)) throw new Error(`${file} imports the file ${specifier}, which is not copied`);
      if (!names.has(specifier)) throw new Error(`${file} imports ${specifier}, which is not in the list`);
      return `${keyword}${quote}./${names.get(specifier)}.js${quote}`;
    });
  for (const [, , , specifier] of result.matchAll(specifierPattern))
    if (!specifier.startsWith('./')) throw new Error(`${file}: the bare specifier ${specifier} is left`);
  return result;
}

const typesOf = ({ specifier, name }) => {
  if (name === 'htm') return htmTypes;
  if (name === 'highlight') return 'declare const highlighter: any;\nexport default highlighter;\n';
  return `export * from '${specifier}';\n${['dompurify', 'uplot'].includes(name) ? `export { default } from '${specifier}';\n` : ''}`;
};

function copyLicences(into) {
  for (const name of packages) {
    const from = join(root, 'node_modules', name);
    const files = readdirSync(from).filter((file) => /^(licen[cs]e|copying)/i.test(file));
    if (files.length === 0) throw new Error(`${name} has no licence file`);
    for (const file of files)
      cpSync(join(from, file), join(into, 'licences', `${name.replace('@', '').replace('/', '-')}-${file}`));
  }
}

function main() {
  if (!existsSync(join(root, 'node_modules', 'preact')))
    throw new Error('the packages are not installed: run npm ci --ignore-scripts first');
  const fresh = `${target}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(join(fresh, 'licences'), { recursive: true });
  for (const module of modules) {
    const source = readFileSync(join(root, 'node_modules', module.file), 'utf8');
    writeFileSync(join(fresh, `${module.name}.js`), module.isBundle ? source : rewrite(source, module.file));
    writeFileSync(join(fresh, `${module.name}.d.ts`), typesOf(module));
  }
  for (const { file, name } of styles) cpSync(join(root, 'node_modules', file), join(fresh, `${name}.css`));
  copyLicences(fresh);
  rmSync(target, { recursive: true, force: true });
  renameSync(fresh, target);
  console.log(`static/vendor: ${modules.length} modules`);
}

try {
  main();
} catch (error) {
  console.error(`vendor: ${error.message}`);
  process.exitCode = 1;
}
