// SPDX-License-Identifier: Apache-2.0
// The foot of the trace: how the session ended, or what it is doing at the moment.
import { cls, html } from '../html.js';
import { Icon } from '../icons.js';
import { away } from '../store.js';
import { activityText } from '../steps.js';
import { useNow } from '../ui/elapsed.js';
import { countsText, endedByText, failureText, interruptedText, isInterrupted, phaseText } from './phase.js';

/** @type {Record<string, (session: Session) => { icon: string, tone: string, text: string }>} */
const endings = {
  completed: () => ({ icon: 'check', tone: 'success', text: 'Complete' }),
  failed: (session) =>
    isInterrupted(session)
      ? { icon: 'alert', tone: 'warning', text: interruptedText(session) }
      : { icon: 'alert', tone: 'danger', text: `Failed: ${failureText(session.error)}` },
  cancelled: (session) => ({ icon: 'stop', tone: 'muted', text: `Stopped ${endedByText(session)}` }),
};

/** @param {{ session: Session, persona: Persona, openStep?: Meta | undefined, lastOutputAt: number }} props */
function Phase({ session, persona, openStep, lastOutputAt }) {
  const now = useNow(new Date(lastOutputAt).toISOString());
  const text = phaseText({ session, persona, openStep, activity: activityText(openStep?.type), now, lastOutputAt });
  const isQuiet = text.startsWith('no output') || text.startsWith('quiet');
  const sentence = text.startsWith(persona.name) || isQuiet ? text : `${text}…`;
  return html`<p class=${cls('state', { 'state-quiet': isQuiet })}><span class="pulse" aria-hidden="true"></span><span>
    ${sentence}</span></p>`;
}

/** @param {{ session: Session, persona: Persona, openStep?: Meta | undefined, lastOutputAt: number }} props */
export function TraceFooter({ session, persona, openStep, lastOutputAt }) {
  const ending = endings[session.status]?.(session);
  return html`<footer class="trace-foot">
    ${
      ending
        ? html`<p class=${`state state-${ending.tone}`}><${Icon} name=${ending.icon} size=${14} /><span>
          ${ending.text}</span></p>`
        : away.value
          ? html`<p class="state state-warning"><span class="pulse" aria-hidden="true"></span>
            <span>Not live at the moment. Reconnecting…</span></p>`
          : html`<${Phase} session=${session} persona=${persona} openStep=${openStep} lastOutputAt=${lastOutputAt} />`
    }
    <p class="trace-counts">${countsText(session)}</p>
  </footer>`;
}
