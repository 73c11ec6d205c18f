// SPDX-License-Identifier: Apache-2.0
// Connect an agent: a token, what to copy for one's framework, and whether the first step has come.
import { html, useEffect, useState } from '../html.js';
import { apiGet, apiPost, apiQuery } from '../api.js';
import { snippets } from '../connect/snippets.js';
import { CopyButton } from '../content/copy.js';
import { useCode, codeClasses } from '../content/code.js';
import { Icon } from '../icons.js';
import { connectUrl, tracePageUrl } from '../links.js';
import { route } from '../router.js';
import { activeSessions, personaIds, personas, putSession, workspace } from '../store.js';
import { announce, complain } from './announce.js';

const askEvery = 2000;

// A session of the persona that began after `since`, as soon as there is one. What is running is told live; an agent that
// reports all at once at its end is found by asking.
/** @param {string} personaId @param {number} since */
function useFirst(personaId, since) {
  const [found, setFound] = useState(/** @type {Session | null} */ (null));
  const live = [...activeSessions.value.values()].find(
    (session) => session.personaId === personaId && Date.parse(session.createdAt) >= since,
  );
  useEffect(() => setFound(null), [personaId, since]);
  useEffect(() => {
    if (live) setFound((held) => held ?? live);
  }, [live?.id]);
  useEffect(() => {
    if (!since || found) return undefined;
    const timer = setInterval(() => {
      apiGet(`/workspaces/${workspace.peek().id}/agent-sessions${apiQuery({ personaId, limit: 1 })}`).then(
        ({ sessions: [newest] }) => {
          if (!newest || Date.parse(newest.createdAt) < since) return;
          putSession(newest);
          setFound((held) => held ?? newest);
        },
        () => {}, // it is asked again
      );
    }, askEvery);
    return () => clearInterval(timer);
  }, [personaId, since, Boolean(found)]);
  useEffect(() => {
    if (found) announce('The first step is here');
  }, [found?.id]);
  return found;
}

/** @param {{ language: string, text: string }} props */
function Code({ language, text }) {
  const lines = useCode(language, text);
  return html`<div class="connect-code"><pre tabindex="0" aria-label="To copy"><code>${
    lines
      ? lines.map((tokens, i) => [
          i > 0 && '\n',
          tokens.map(({ text: part, scope }) =>
            scope ? html`<span class=${codeClasses(scope)}>${part}</span>` : part,
          ),
        ])
      : text
  }</code></pre><${CopyButton} text=${() => text} /></div>`;
}

/** @param {{ personaId: string, since: number }} props */
function Waiting({ personaId, since }) {
  const first = useFirst(personaId, since);
  if (!first)
    return html`<p class="connect-state" role="status"><span class="pulse" aria-hidden="true"></span>
      Waiting for the first step…</p>`;
  return html`<p class="connect-state is-here" role="status"><${Icon} name="check" size=${16} /><span>Connected.
    The first step is here: </span><a href=${tracePageUrl(workspace.value.id, first.id)}>${first.title || 'look at it'}</a></p>`;
}

export function ConnectView() {
  const ws = workspace.value;
  const chosen = snippets.find(({ id }) => id === route.value.query.with) ?? snippets[0];
  const agents = personaIds.value.map((id) => personas.get(id)).filter((persona) => persona !== undefined);
  const [personaId, setPersonaId] = useState('');
  // By persona and scopes: another framework of the same kind goes on with the same token.
  const [made, setMade] = useState(/** @type {Record<string, { secret: string, since: number }>} */ ({}));
  const [busy, setBusy] = useState(false);
  const persona = personaId || agents[0]?.id;
  const key = `${persona} ${chosen.scopes}`;
  const token = made[key];

  async function make() {
    setBusy(true);
    try {
      const answer = await apiPost(`/workspaces/${ws.id}/tokens`, { personaId: persona, scopes: chosen.scopes });
      setMade((held) => ({ ...held, [key]: { secret: answer.secret, since: Date.parse(answer.token.createdAt) } }));
    } catch (error) {
      complain(`The token could not be made: ${error.message}`);
    } finally {
      setBusy(false);
    }
  }

  const values = { origin: location.origin, workspace: ws.id, token: token?.secret ?? 'TOKEN' };
  return html`<section class="pane" aria-labelledby="connect-title">
    <header class="pane-head"><a class="icon-button only-narrow" href=${`/w/${ws.id}?list`}
      aria-label="All conversations"><${Icon} name="left" /></a>
      <h1 class="pane-title" id="connect-title"><${Icon} name="plus" /><span>Connect an agent</span></h1></header>
    <div class="filters"><nav class="tabs" aria-label="What the agent is made with">${snippets.map(
      ({ id, name }) => html`<a class="tab" data-replace href=${connectUrl(ws.id, id)}
      aria-current=${chosen.id === id ? 'true' : undefined}>${name}</a>`,
    )}</nav></div>
    <div class="pane-scroll connect">
      <h2>1. A token</h2>
      ${
        ws.role === 'admin'
          ? html`<p class="connect-row"><label>For the agent <select value=${persona} disabled=${busy}
        onChange=${(/** @type {any} */ event) => setPersonaId(event.target.value)}>${agents.map(
          ({ id, name }) => html`<option value=${id} selected=${id === persona}>${name}</option>`,
        )}</select></label>
        <button type="button" class="button button-primary" disabled=${busy || !persona || Boolean(token)}
          onClick=${make}>Make a token</button></p>
        ${
          token
            ? html`<p class="connect-row"><code class="connect-token">${token.secret}</code><${CopyButton}
          text=${() => token.secret} label="Copy the token" /><span class="faint">It is shown only now.</span></p>`
            : html`<p class="faint">${
                chosen.scopes[0] === 'ingest'
                  ? 'It is good for reporting, and for nothing else.'
                  : 'It writes sessions and messages as this agent, and reads what the agent may read.'
              }</p>`
        }`
          : html`<p class="faint">An admin of the workspace makes it for you.</p>`
      }
      <h2>2. In your agent</h2>
      <p>${chosen.say}</p>
      <${Code} language=${chosen.language} text=${chosen.text(values)} />
      <h2>3. Run it</h2>
      ${
        token
          ? html`<${Waiting} personaId=${persona} since=${token.since} />`
          : html`<p class="faint">Once there is a token, this waits for the first step.</p>`
      }
    </div>
  </section>`;
}
