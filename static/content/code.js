// SPDX-License-Identifier: Apache-2.0
// Colours for code. The highlighter is loaded when the first code is shown; it returns a tree, from which text is made,
// so nothing here builds markup. A text over the limit stays plain.
import { useEffect, useState } from '../html.js';

/** @typedef {{ text: string, scope?: string }} Token */

const longest = 200000;
/** @type {Record<string, string>} */
const byEnding = {
  c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', hpp: 'cpp', cs: 'csharp', css: 'css', diff: 'diff', go: 'go', html: 'xml',
  java: 'java', js: 'javascript', json: 'json', jsx: 'javascript', kt: 'kotlin', less: 'less', lua: 'lua', md: 'markdown',
  mjs: 'javascript', php: 'php', pl: 'perl', py: 'python', r: 'r', rb: 'ruby', rs: 'rust', scss: 'scss', sh: 'bash',
  bash: 'bash', sql: 'sql', swift: 'swift', toml: 'ini', ini: 'ini', ts: 'typescript', tsx: 'typescript', xml: 'xml',
  svg: 'xml', yaml: 'yaml', yml: 'yaml',
}; // prettier-ignore

/** @param {unknown} path */
export const languageOf = (path) =>
  typeof path === 'string' ? byEnding[/\.([A-Za-z]+)$/.exec(path)?.[1].toLowerCase() ?? ''] : undefined;

/** @param {string} scope */
export const codeClasses = (scope) => `code-${scope.split('.')[0].replaceAll('_', '-')}`;

/** @type {Promise<any> | null} */
let loading = null;

// One list of tokens a line.
/** @param {any} node @returns {Token[][]} */
function tokensByLine(node) {
  /** @type {Token[][]} */
  const lines = [[]];
  /** @param {any} one @param {string} [scope] */
  const walk = (one, scope) => {
    if (typeof one !== 'string') {
      for (const child of one.children) walk(child, one.scope ?? scope);
      return;
    }
    one.split('\n').forEach((text, index) => {
      if (index > 0) lines.push([]);
      if (text !== '') lines[lines.length - 1].push({ text, scope });
    });
  };
  walk(node);
  return lines;
}

// What was coloured last is shown only for the text that it was made of: an effect comes a frame after the text.
/** @param {string | undefined} language @param {string} text */
export function useCode(language, text) {
  const [made, setMade] = useState(/** @type {{ language: string, text: string, lines: Token[][] } | null} */ (null));
  useEffect(() => {
    if (!language || text.length > longest) return undefined;
    let isCurrent = true;
    loading ??= import('../vendor/highlight.js');
    loading.then(
      ({ default: highlighter }) => {
        if (!isCurrent || !highlighter.getLanguage(language)) return;
        const result = highlighter.highlight(text.replaceAll('\r\n', '\n'), { language, ignoreIllegals: true });
        setMade({ language, text, lines: tokensByLine(result._emitter.rootNode) });
      },
      () => {
        // The code stays plain, and the next one tries again.
        loading = null;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [language, text]);
  return made?.language === language && made?.text === text ? made.lines : null;
}
