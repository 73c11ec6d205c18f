// SPDX-License-Identifier: Apache-2.0
// The links of a session: made, copied, listed, revoked. A link is whole only in the answer that makes it.
import { focused, html, useEffect, useElement, useLayoutEffect, useState } from '../html.js';
import { apiCall, apiGet, apiPost } from '../api.js';
import { CopyButton } from '../content/copy.js';
import { absolute, shareUrl } from '../links.js';
import { workspace } from '../store.js';
import { formatWhen } from '../time.js';
import { announce } from '../ui/announce.js';

/** @typedef {{ id: string, createdBy: { name: string }, createdAt: string, expiresAt: string }} Share */

/** @type {[number, string][]} */
const terms = [
  [1, '1 day'],
  [7, '7 days'],
  [30, '30 days'],
  [365, '1 year'],
];
const usualDays = 7;

/** @param {string} sessionId */
function useShares(sessionId) {
  const [shares, setShares] = useState(/** @type {Share[] | null} */ (null));
  const [isEnabled, setEnabled] = useState(true);
  const [problem, setProblem] = useState('');
  const [made, setMade] = useState(/** @type {{ id: string, url: string } | null} */ (null));
  const [isBusy, setBusy] = useState(false);
  const home = `/workspaces/${workspace.peek().id}`;
  const path = `${home}/agent-sessions/${sessionId}/shares`;

  async function load() {
    const data = await apiGet(path);
    setShares(data.shares);
    setEnabled(data.enabled);
  }
  /** @param {string} sentence @param {() => Promise<void>} act */
  async function ask(sentence, act) {
    if (isBusy) return;
    setBusy(true);
    setProblem('');
    try {
      await act();
    } catch (error) {
      setProblem(`${sentence}: ${error.message}.`);
    } finally {
      setBusy(false);
    }
  }
  useEffect(() => void ask('The links could not be listed', load), [sessionId]);
  return {
    shares,
    isEnabled,
    problem,
    made,
    isBusy,
    /** @param {number} days */
    make: (days) =>
      ask('The link could not be made', async () => {
        const { share, secret } = await apiPost(path, { days });
        setMade({ id: share.id, url: absolute(shareUrl(share.id, secret)) });
        setShares((held) => [share, ...(held ?? [])]);
        announce('The link is made');
      }),
    /** @param {string} id */
    revoke: (id) =>
      ask('The link could not be revoked', async () => {
        await apiCall('DELETE', `${home}/shares/${id}`);
        setShares((held) => (held ?? []).filter((share) => share.id !== id));
        setMade((held) => (held?.id === id ? null : held));
        announce('The link is revoked');
      }),
  };
}

/** @param {{ links: ReturnType<typeof useShares> }} props */
function Make({ links }) {
  const [days, setDays] = useState(usualDays);
  return html`<p class="share-row"><label>The link ends after <select value=${String(days)}
      onChange=${(/** @type {any} */ event) => setDays(Number(event.target.value))}>${terms.map(
        ([n, text]) => html`<option key=${n} value=${String(n)} selected=${n === days}>${text}</option>`,
      )}</select></label>
    <button type="button" class="button button-primary" aria-disabled=${String(links.isBusy)}
      onClick=${() => links.make(days)}>Make a link</button></p>`;
}

/** @param {{ url: string }} props */
function Made({ url }) {
  /** @type {{ current: HTMLInputElement }} */
  const field = useElement();
  useEffect(() => field.current.select(), [url]);
  return html`<div class="share-made"><label class="share-row"><span class="visually-hidden">The link</span>
      <input type="text" readonly value=${url} ref=${field} onFocus=${() => field.current.select()} />
      <${CopyButton} text=${() => url} label="Copy the link">Copy<//></label>
    <p class="faint">It is shown only now.</p></div>`;
}

/** @param {{ links: ReturnType<typeof useShares> }} props */
function List({ links }) {
  if (!links.shares) return null;
  if (links.shares.length === 0) return html`<p class="faint">There are no links yet.</p>`;
  return html`<ul class="share-list">${links.shares.map(
    ({ id, createdBy, createdAt, expiresAt }) => html`<li key=${id}>
      <span><bdi>${createdBy.name}</bdi>, <time datetime=${createdAt}>${formatWhen(createdAt)}</time>
        <span class="faint share-end">ends <time datetime=${expiresAt}>${formatWhen(expiresAt)}</time></span></span>
      <button type="button" class="button button-small" aria-disabled=${String(links.isBusy)}
        aria-label=${`Revoke the link of ${createdBy.name}, ${formatWhen(createdAt)}`}
        onClick=${() => links.revoke(id)}>Revoke</button></li>`,
  )}</ul>`;
}

/** @param {{ session: Session, onClose: () => void }} props */
export function ShareDialog({ session, onClose }) {
  /** @type {{ current: HTMLDialogElement }} */
  const dialog = useElement();
  const links = useShares(session.id);
  useLayoutEffect(() => {
    const opener = focused();
    const element = dialog.current;
    element.showModal();
    // The keys of the trace behind it are not this dialog's.
    /** @param {any} event */
    const stop = (event) => event.stopPropagation();
    element.addEventListener('keydown', stop);
    return () => {
      element.removeEventListener('keydown', stop);
      element.close();
      if (opener?.isConnected) opener.focus({ preventScroll: true });
    };
  }, []);
  return html`<dialog class="help share-dialog" aria-labelledby="share-title" ref=${dialog} onCancel=${(event) => {
    event.stopPropagation();
    event.preventDefault();
    onClose();
  }}>
    <h2 id="share-title">Share this session</h2>
    <p>Anybody who has the link reads the question and the trace, live, and without signing in: all that the agent wrote
      into it, and nothing else of the workspace.</p>
    ${
      links.isEnabled
        ? html`<${Make} links=${links} />`
        : html`<p class="notice">This workspace does not share sessions. An administrator can change that.</p>`
    }
    ${links.problem && html`<p class="notice" role="alert">${links.problem}</p>`}
    ${links.made && html`<${Made} key=${links.made.id} url=${links.made.url} />`}
    <h3>Links</h3>
    <${List} links=${links} />
    <p class="share-close"><button type="button" class="button" onClick=${onClose}>Close</button></p>
  </dialog>`;
}
