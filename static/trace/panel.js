// SPDX-License-Identifier: Apache-2.0
// One step beside the tree: what it is, what it spent, where it stands, everything it holds, and the way on. On a narrow
// screen it lies over the tree.
import { html, useEffect, useErrorBoundary, useState } from '../html.js';
import { Icon } from '../icons.js';
import { absolute } from '../links.js';
import { loadWholeStep } from '../load.js';
import { isShared, live, steps, workspace } from '../store.js';
import { isCut, isOpen, stepStatus } from '../store/entities.js';
import { liveLongest } from '../store/live.js';
import { stepKind } from '../steps.js';
import { formatElapsed } from '../time.js';
import { CopyButton } from '../content/copy.js';
import { lineCan, lineHash } from '../content/line-link.js';
import { Value } from '../content/value.js';
import { Elapsed } from '../ui/elapsed.js';
import { Unreachable, useRetry } from '../ui/notices.js';
import { Facts, stepFacts } from './facts.js';
import { bodyOf, UnderWay } from './bodies.js';
import { endedByText, interruptedText, isInterrupted } from './phase.js';
import { Rating } from './rating.js';
import { replayKnown } from './replay.js';
import { Sources } from './sources.js';
import { stepLine } from './titles.js';
import { treePath } from './tree.js';

// The step as the server has it whole: a list carries long contents cut.
/** @param {Step | undefined} step @param {boolean} wanted */
export function useWholeStep(step, wanted) {
  const [whole, setWhole] = useState(/** @type {Step | null} */ (null));
  const [problem, setProblem] = useState(/** @type {ApiError | null} */ (null));
  const [tries, setTries] = useState(0);
  const isNeeded = wanted && step !== undefined && !(whole?.id === step.id && whole.seq === step.seq);
  useEffect(() => {
    if (!isNeeded || !step) return undefined;
    let isCurrent = true;
    setProblem(null);
    loadWholeStep(workspace.peek().id, step.sessionId, step.id).then(
      (next) => isCurrent && setWhole(next),
      (error) => isCurrent && setProblem(error),
    );
    return () => {
      isCurrent = false;
    };
  }, [step?.id, step?.seq, isNeeded, tries]);
  return {
    whole: whole && step && whole.id === step.id ? whole : null,
    problem,
    retry: () => setTries((n) => n + 1),
  };
}

/** @param {{ step: Step, meta: Meta, session: Session, status: string }} props */
function Status({ step, meta, session, status }) {
  if (meta.isAsOf)
    return html`<span class="tag tag-gold">running</span> <span class="elapsed">${formatElapsed(meta.durationMs ?? 0)}</span>`;
  if (status === 'running')
    return html`<span class="tag tag-gold">running</span> <${Elapsed} since=${step.startedAt} />`;
  if (status === 'failed') return html`<span class="tag tag-danger">failed</span>`;
  if (status !== 'interrupted') return html`<span class="tag">completed</span>`;
  const why = isInterrupted(session)
    ? interruptedText(session)
    : session.status === 'cancelled'
      ? `stopped ${endedByText(session)}`
      : 'the session ended before this step did';
  return html`<span class="tag tag-warning">interrupted</span> <span class="interruption">${why}</span>`;
}

/** @param {Meta} meta */
function lineOf(meta) {
  const step = steps.get(meta.id);
  return stepLine(step ? replayKnown(step, meta) : { stepType: meta.type, name: meta.name });
}

/** @param {{ meta: Meta, byId: Map<string, Meta>, onSelect: (id: string) => void }} props */
function Path({ meta, byId, onSelect }) {
  const path = treePath(meta, byId);
  if (path.length === 0) return null;
  return html`<nav class="crumbs" aria-label="Parent steps"><ol>${path.map(
    (above) => html`<li key=${above.id}><button type="button" class="quiet-link" onClick=${() => onSelect(above.id)}>
    <bdi>${lineOf(above)}</bdi></button></li>`,
  )}</ol></nav>`;
}

// An agent may record anything: content that its type's renderer cannot take is shown as a value.
/** @param {{ Body: any, step: Step, [field: string]: any }} props */
function SafeBody({ Body, ...props }) {
  const [failed] = useErrorBoundary();
  return failed ? html`<${Value} value=${props.step.content} />` : html`<${Body} ...${props} isWhole />`;
}

// What a step in a replay held at its beginning.
/** @param {{ step: Step, session: Session }} props */
function Begun({ step, session }) {
  return html`<div class="step-body">${
    step.content === undefined
      ? html`<${UnderWay} />`
      : html`<${SafeBody} Body=${bodyOf(step.stepType)} step=${step} session=${session} isOpen=${false} isAsOf />`
  }</div>`;
}

/** @param {{ step: Step, meta: Meta, session: Session, status: string }} props */
function Content({ step, meta, session, status }) {
  const written = live.get(step.id);
  const { whole, problem, retry } = useWholeStep(step, isCut(step) && (status !== 'running' || meta.isAsOf === true));
  useRetry(problem, retry);
  const liveText = status === 'interrupted' ? liveLongest(written) : written?.text;
  const isUnsaved = status === 'interrupted' && Boolean(liveText);
  const shown = isUnsaved ? { ...step, content: liveText, truncated: false } : isCut(step) ? whole : step;
  if (problem) return html`<${Unreachable} error=${problem} onRetry=${retry} />`;
  if (!shown && (status !== 'running' || meta.isAsOf)) return html`<div class="skeleton" aria-busy="true"></div>`;
  if (meta.isAsOf && shown) return html`<${Begun} step=${replayKnown(shown, meta)} session=${session} />`;
  return html`<div class="step-body">
    ${
      step.error &&
      html`<div class="step-error-box"><p class="step-error plain">${step.error.message ?? step.error.code}</p>
      ${step.error.message && html`<code>${step.error.code}</code>`}</div>`
    }
    <${SafeBody} key=${`${step.id} ${step.status}`} Body=${bodyOf(step.stepType)} step=${shown ?? step} session=${session}
      liveText=${liveText} isOpen=${isOpen(step) && status === 'running'} />
    ${step.sources && step.sources.length > 0 && html`<${Sources} stepId=${step.id} sources=${step.sources} />`}
  </div>`;
}

// The call that tells the step, for a shell that has a token.
/** @param {Session} session @param {string} id */
function curlOf({ id: sessionId, workspaceId }, id) {
  const url = absolute(`/api/workspaces/${workspaceId}/agent-sessions/${sessionId}/steps/${id}`);
  return `curl -H "Authorization: Bearer $TRACE_TOKEN" '${url}'`;
}

/** @param {{ step: Step, meta: Meta }} props */
function Raw({ step, meta }) {
  const { whole, problem, retry } = useWholeStep(step, true);
  useRetry(problem, retry);
  if (problem) return html`<${Unreachable} error=${problem} onRetry=${retry} />`;
  if (!whole) return html`<div class="skeleton" aria-busy="true"></div>`;
  const label = meta.isAsOf ? 'The step as it was known then' : 'The step as the API tells it';
  return html`<${Value} value=${replayKnown(whole, meta)} label=${label} />`;
}

const tabs = /** @type {const} */ ([
  ['content', 'Content'],
  ['raw', 'Raw'],
]);

/** @param {{ tab: string, setTab: (tab: 'content' | 'raw') => void }} props */
function Tabs({ tab, setTab }) {
  /** @param {KeyboardEvent} event */
  function onKeyDown(event) {
    if (!['ArrowLeft', 'ArrowRight'].includes(event.key)) return;
    event.preventDefault();
    event.stopPropagation();
    setTab(tab === 'raw' ? 'content' : 'raw');
    document.getElementById(`panel-tab-${tab === 'raw' ? 'content' : 'raw'}`)?.focus();
  }
  return html`<div class="panel-tabs" role="tablist" aria-label="Views of the step" onKeyDown=${onKeyDown}>${tabs.map(
    ([id, label]) => html`<button type="button" role="tab" key=${id} id=${`panel-tab-${id}`} class="tab"
    aria-selected=${String(tab === id)} aria-controls="panel-content" tabindex=${tab === id ? 0 : -1}
    onClick=${() => setTab(id)}>${label}</button>`,
  )}</div>`;
}

/**
 * @param {{ meta: Meta, session: Session, byId: Map<string, Meta>, url: string, level: string,
 *   onSelect: (id: string) => void, onMove: (by: number) => void, onClose: () => void }} props
 */
export function StepPanel({ meta, session, byId, url, level, onSelect, onMove, onClose }) {
  const Title = level;
  const [tab, setTab] = useState(/** @type {'content' | 'raw'} */ ('content'));
  const held = steps.get(meta.id);
  const step = held && replayKnown(held, meta);
  const kind = stepKind(meta.type);
  const status = meta.isAsOf ? meta.status : stepStatus(step ?? /** @type {any} */ (meta), session);
  return html`<section class=${`panel hue-${kind.hue}`} aria-labelledby="panel-title">
    <header class="panel-head">
      <${Path} meta=${meta} byId=${byId} onSelect=${onSelect} />
      <div class="panel-line">
        <${Title} class="panel-title" id="panel-title" tabindex="-1"><span class="badge"><${Icon} name=${kind.icon}
          size=${14} /><span class="badge-label">${kind.label}</span></span> <bdi>
          ${step ? stepLine(step, live.get(meta.id)?.text) : (meta.name ?? kind.label)}</bdi><//>
        <div class="panel-tools">
          <${Rating} session=${session} target=${meta.id} what="step" />
          <button type="button" class="icon-button" aria-label="Previous step" title="Previous step (k)"
            onClick=${() => onMove(-1)}><${Icon} name="up" /></button>
          <button type="button" class="icon-button" aria-label="Next step" title="Next step (j)"
            onClick=${() => onMove(1)}><${Icon} name="down" /></button>
          <${CopyButton} label="Copy a link to the step" icon="link" text=${() => url + lineHash(meta.id)} />
          ${
            !isShared.value &&
            html`<${CopyButton} label="Copy the step as a curl command" icon="shell"
            text=${() => curlOf(session, meta.id)} />`
          }
          <button type="button" class="icon-button panel-close" aria-label="Back to the tree" title="Back to the tree"
            onClick=${onClose}><${Icon} name="close" /></button>
        </div>
      </div>
      ${
        step &&
        html`<p class="panel-status"><${Status} step=${step} meta=${meta} session=${session} status=${status} /></p>
      <${Facts} facts=${stepFacts(step, session)} />`
      }
      <${Tabs} tab=${tab} setTab=${setTab} />
    </header>
    <div class="panel-content" id="panel-content" data-of=${lineCan(meta.id) ? meta.id : undefined} role="tabpanel" aria-labelledby=${`panel-tab-${tab}`} tabindex="0">
      ${
        !step
          ? html`<div class="skeleton" aria-busy="true"></div>`
          : tab === 'raw'
            ? html`<${Raw} key=${step.id} step=${held} meta=${meta} />`
            : html`<${Content} key=${step.id} step=${held} meta=${meta} session=${session} status=${status} />`
      }
    </div>
  </section>`;
}
