// SPDX-License-Identifier: Apache-2.0
// What eslint holds JavaScript to (tests/lint/eslint.sh). How it looks is prettier's, what its types are is tsc's.
import { createRequire } from 'node:module';

// The linters have a package file of their own, so that neither the page nor its tests depend on them.
const require = createRequire(new URL('./tests/lint/tools/package.json', import.meta.url));
const { default: js } = await import(require.resolve('@eslint/js'));
const globals = require('globals');

const rules = {
  eqeqeq: ['error', 'always'],
  'no-var': 'error',
  'prefer-const': ['error', { destructuring: 'all', ignoreReadBeforeAssign: true }],
  'no-implicit-coercion': 'error',
  'no-restricted-globals': ['error', 'event', 'name', 'status'],
  'no-restricted-syntax': ['error', 'WithStatement', 'LabeledStatement', 'ForInStatement'],
  'no-self-compare': 'error',
  'no-throw-literal': 'error',
  'no-unreachable-loop': 'error',
  'no-unused-expressions': ['error', { allowShortCircuit: true, allowTernary: true }],
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'all' }],
  'no-use-before-define': ['error', { functions: false, classes: true, variables: false }],
  'no-useless-return': 'error',
  'object-shorthand': 'error',
  'prefer-promise-reject-errors': 'error',
};

// What a browser test hands to the page runs there.
const evaluated = Object.fromEntries(Object.keys(globals.browser).map((name) => [name, 'readonly']));

export default [
  { ignores: ['static/vendor/', 'build*/', '.run/', 'tests/artefacts/', '**/node_modules/', 'tests/fuzz/corpus/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { rules },
  {
    files: ['static/**/*.js'],
    languageOptions: { globals: globals.browser },
    rules: { 'no-console': 'error' },
  },
  { files: ['static/boot.js', 'static/theme.js'], languageOptions: { sourceType: 'script' } },
  // Where the clients run is only looked at through globalThis.
  { files: ['clients/js/**/*.js'], languageOptions: { globals: globals['shared-node-browser'] } },
  { files: ['clients/js/src/otel_preload.js'], languageOptions: { globals: globals.node } },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
  { files: ['tests/browser/**/*.mjs', 'tests/bench/**/*.mjs'], languageOptions: { globals: evaluated } },
];
