// SPDX-License-Identifier: Apache-2.0
// A session as a file, in one of the server's forms. It is sent while the server reads it, so that it may have any size;
// what has come so far is told, and it can be given up.
import { cls, html } from '../html.js';
import { apiFile } from '../api.js';
import { Icon } from '../icons.js';
import { workspace } from '../store.js';
import { createTable } from '../store/table.js';
import { announce, complain } from '../ui/announce.js';
import { MenuButton } from '../ui/popover.js';

/** @typedef {{ bytes: number, share?: number, stop: () => void }} Export */

// What is being exported, by the session's id.
/** @type {Table<Export>} */
const running = createTable();
const tellEvery = 100;
const lineEnd = 10;

/** @type {[string, string, string][]} */
const forms = [
  ['json', 'JSON', 'json'],
  ['ndjson', 'NDJSON, to be imported again', 'ndjson'],
  ['md', 'Markdown', 'md'],
  ['otlp', 'OpenTelemetry (OTLP/JSON)', 'otlp.json'],
];

// Hands a file to the reader.
/** @param {string} name @param {Blob} blob */
export function saveBlob(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

/** @param {Uint8Array} part */
function linesIn(part) {
  let n = 0;
  for (let at = part.indexOf(lineEnd); at >= 0; at = part.indexOf(lineEnd, at + 1)) n += 1;
  return n;
}

// A step is a line in every form but Markdown, and the server says how many there are.
/** @param {string} id @param {string} format @param {() => void} stop */
function counter(id, format, stop) {
  let bytes = 0;
  let lines = 0;
  let toldAt = 0;
  /** @param {Uint8Array} part @param {Headers} headers */
  return (part, headers) => {
    bytes += part.length;
    const steps = Number(headers.get('Trace-Steps'));
    if (format !== 'md' && steps > 0) lines += linesIn(part);
    if (Date.now() - toldAt < tellEvery) return;
    toldAt = Date.now();
    running.set(id, { bytes, share: lines > 0 ? Math.min(1, lines / steps) : undefined, stop });
  };
}

/** @param {Session} session @param {string} format @param {string} extension */
async function exportSession({ id }, format, extension) {
  if (running.peek(id)) return;
  const controller = new AbortController();
  const stop = () => controller.abort();
  running.set(id, { bytes: 0, stop });
  try {
    const path = `/workspaces/${workspace.peek().id}/agent-sessions/${id}/export?format=${format}`;
    saveBlob(
      `${id}.${extension}`,
      await apiFile(path, { signal: controller.signal, onPart: counter(id, format, stop) }),
    );
    announce('Exported');
  } catch (error) {
    if (!controller.signal.aborted) complain(`The session could not be exported: ${error.message}`);
  } finally {
    running.drop(id);
  }
}

/** @param {number} bytes */
const sizeText = (bytes) =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;

/** @param {{ session: Session }} props */
export function ExportButton({ session }) {
  const now = running.get(session.id);
  const items = () =>
    forms.map(([format, label, extension]) => ({
      id: format,
      label,
      icon: 'download',
      run: () => exportSession(session, format, extension),
    }));
  return html`<span class=${cls('export', { 'is-running': Boolean(now) })}>${
    now
      ? html`<span class="export-progress" role="progressbar" aria-label="Export" aria-valuemin="0" aria-valuemax="100"
          aria-valuenow=${now.share === undefined ? undefined : Math.round(now.share * 100)}>${
            now.share === undefined ? '' : `${Math.round(now.share * 100)} % • `
          }${sizeText(now.bytes)}</span>
        <button type="button" class="icon-button" aria-label="Stop the export" title="Stop the export"
          onClick=${now.stop}><${Icon} name="close" /></button>`
      : html`<${MenuButton} label="Export" icon="download" items=${items} />`
  }</span>`;
}
