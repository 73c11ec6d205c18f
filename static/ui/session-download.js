// SPDX-License-Identifier: Apache-2.0
// The list of sessions as a file for spreadsheets, made by the server with the filters of the view. It tells how much has
// come, and can be given up.
import { html, signal } from '../html.js';
import { apiFile, apiQuery } from '../api.js';
import { Icon } from '../icons.js';
import { workspace } from '../store.js';
import { saveBlob } from '../trace/download.js';
import { announce, complain } from './announce.js';
import { sessionList } from './session-list.js';

/** @type {Signal<{ bytes: number, stop: () => void } | null>} */
const running = signal(null);

async function download() {
  const controller = new AbortController();
  const stop = () => controller.abort();
  let bytes = 0;
  running.value = { bytes, stop };
  const path = `/workspaces/${workspace.peek().id}/agent-sessions${apiQuery({ ...sessionList.peek().fields, format: 'csv' })}`;
  try {
    const onPart = (/** @type {Uint8Array} */ part) => (running.value = { bytes: (bytes += part.length), stop });
    saveBlob('sessions.csv', await apiFile(path, { signal: controller.signal, onPart }));
    announce('Downloaded');
  } catch (error) {
    if (!controller.signal.aborted) complain(`The sessions could not be downloaded: ${error.message}`);
  } finally {
    running.value = null;
  }
}

export function DownloadButton() {
  const now = running.value;
  const label = now ? `Stop the download (${Math.ceil(now.bytes / 1000)} kB)` : 'Download as CSV';
  return html`<button type="button" class="icon-button" aria-label=${label} title=${label}
    onClick=${now ? now.stop : download}><${Icon} name=${now ? 'close' : 'download'} /></button>`;
}
