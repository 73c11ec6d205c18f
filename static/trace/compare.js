// SPDX-License-Identifier: Apache-2.0
// Two sessions side by side: what differs in time, tokens and cost, and step by step, those of the same type and name
// beside each other. A pair opens to the difference of its texts.
import { cls, html, useEffect, useMemo, useState } from '../html.js';
import { TextBlock } from '../content/block.js';
import { compareTexts } from '../content/diff.js';
import { Icon } from '../icons.js';
import { compareUrl, sessionsUrl, tracePageUrl } from '../links.js';
import { loadWholeStep } from '../load.js';
import { stepKind } from '../steps.js';
import { workspace } from '../store.js';
import { formatCount, formatDuration, formatWhen } from '../time.js';
import { NotFound, Unreachable, useRetry } from '../ui/notices.js';
import { alignSteps, pairDiffers, stepText } from './compare-align.js';
import { mostSteps, useSides } from './compare-load.js';
import { Cost, formatCost } from './facts.js';
import { outcomes, plural, sessionTitle } from './phase.js';
import { stepTitle } from './titles.js';

/** @typedef {import('./compare-align.js').Pair} Pair */

// A difference, with its sign. Costs may be exact numbers, which are equal by their values only.
/** @param {number | undefined} from @param {number | undefined} to @param {(value: number) => string} format */
export function compareChange(from, to, format) {
  if (from === undefined || to === undefined || Number(from) === Number(to)) return '';
  const share = from > 0 ? ` (${to > from ? '+' : '−'}${Math.round((100 * Math.abs(to - from)) / from)} %)` : '';
  return `${to > from ? '+' : '−'}${format(Math.abs(to - from))}${share}`;
}

/** @type {[string, (session: Session) => number | undefined, (value: number) => string][]} */
const figures = [
  ['Duration', ({ durationMs }) => durationMs, formatDuration],
  ['Steps', ({ stepCount }) => stepCount, formatCount],
  ['Tokens in', ({ usage }) => usage?.inputTokens, formatCount],
  ['Tokens out', ({ usage }) => usage?.outputTokens, formatCount],
  ['Cost', ({ usage }) => usage?.costUsd, formatCost],
];

/** @param {{ session: Session, side: string }} props */
const Head = ({ session, side }) =>
  html`<th scope="col"><span class="visually-hidden">${side}: </span><a href=${tracePageUrl(session.workspaceId, session.id)}>
    <bdi>${sessionTitle(session)}</bdi></a><span class="compare-sub"><bdi>${session.persona.name}</bdi>${' • '}
    ${formatWhen(session.startedAt ?? session.createdAt)}${session.attempt > 1 && ` • attempt ${session.attempt}`}</span></th>`;

/** @param {{ left: Session, right: Session }} props */
function Facts({ left, right }) {
  const known = figures.filter(([, of]) => of(left) !== undefined || of(right) !== undefined);
  return html`<div class="table-scroll" tabindex="0" role="region" aria-label="Both sessions"><table class="counts compare-facts">
    <thead><tr><td></td><${Head} session=${left} side="First" /><${Head} session=${right} side="Second" /><th scope="col">Difference</th></tr></thead>
    <tbody><tr><th scope="row">Status</th><td>${outcomes[left.status] ?? left.status}</td><td>${outcomes[right.status] ?? right.status}</td><td></td></tr>
      ${(left.usage?.model || right.usage?.model) && html`<tr><th scope="row">Model</th><td><bdi>${left.usage?.model ?? '–'}</bdi></td><td><bdi>${right.usage?.model ?? '–'}</bdi></td><td></td></tr>`}
      ${known.map(([name, of, format]) => {
        const show = (/** @type {Session} */ session) =>
          name === 'Cost'
            ? html`<${Cost} costUsd=${session.usage?.costUsd} isComputed=${session.usage?.costComputed} />`
            : format(of(session) ?? NaN) || '–';
        return html`<tr key=${name}><th scope="row">${name}</th><td>${of(left) === undefined ? '–' : show(left)}</td>
          <td>${of(right) === undefined ? '–' : show(right)}</td><td>${compareChange(of(left), of(right), format)}</td></tr>`;
      })}</tbody></table></div>`;
}

// Both texts whole: a list carries long ones cut.
/** @param {Pair} pair */
function useTexts(pair) {
  const [texts, setTexts] = useState(/** @type {string[] | null} */ (null));
  useEffect(() => {
    let isCurrent = true;
    const whole = (/** @type {Step | undefined} */ step) =>
      step?.truncated ? loadWholeStep(workspace.peek().id, step.sessionId, step.id) : step;
    Promise.all([whole(pair.left), whole(pair.right)]).then(
      (both) => isCurrent && setTexts(both.map(stepText)),
      () => isCurrent && setTexts([stepText(pair.left), stepText(pair.right)]),
    );
    return () => {
      isCurrent = false;
    };
  }, [pair]);
  return texts;
}

/** @param {{ pair: Pair }} props */
function Details({ pair }) {
  const texts = useTexts(pair);
  const lines = useMemo(() => texts && compareTexts(texts[0], texts[1]), [texts]);
  if (!texts || !lines) return html`<div class="skeleton" aria-busy="true"></div>`;
  if (texts[0] === texts[1])
    return texts[0]
      ? html`<p class="faint">Both say the same.</p><${TextBlock} text=${texts[0]} label="Text of both" />`
      : html`<p class="faint">Neither says anything.</p>`;
  return html`<${TextBlock} text=${texts.join('\n')} label=${pair.left && pair.right ? 'Difference' : 'Text'}
    diff=${pair.left && pair.right ? lines : undefined} />`;
}

/** @param {{ step: Step | undefined }} props */
function Half({ step }) {
  if (!step) return html`<span class="compare-half is-absent">–</span>`;
  return html`<span class=${cls('compare-half', { 'is-error': step.status === 'failed' })}><bdi>${stepTitle(step) || step.name || stepKind(step.stepType).label}</bdi>
    ${step.status === 'failed' && html`<span class="tag tag-danger">failed</span>`}</span>`;
}

/** @param {{ pair: Pair, index: number }} props */
function Row({ pair, index }) {
  const [isOpen, setOpen] = useState(false);
  const { left, right } = pair;
  const kind = stepKind(/** @type {Step} */ (left ?? right).stepType);
  const differs = pairDiffers(pair);
  const word = !right ? 'only in the first' : !left ? 'only in the second' : differs ? 'different' : 'the same';
  return html`<li class=${cls('compare-row', `hue-${kind.hue}`, { 'is-different': differs, 'is-left': !right, 'is-right': !left })}>
    <button type="button" class="compare-line" aria-expanded=${String(isOpen)} aria-controls=${`pair-${index}`}
      onClick=${() => setOpen(!isOpen)}>
      <span class="compare-kind"><${Icon} name=${kind.icon} size=${14} />${kind.label}</span>
      <${Half} step=${left} /><${Half} step=${right} />
      <span class="compare-time">${left && right ? compareChange(left.durationMs, right.durationMs, formatDuration) : formatDuration((left ?? right)?.durationMs ?? NaN)}</span>
      <span class="compare-word">${word}</span>
    </button>
    <div id=${`pair-${index}`}>${isOpen && html`<${Details} pair=${pair} />`}</div></li>`;
}

/** @param {{ pairs: Pair[] }} props */
function Steps({ pairs }) {
  const [onlyDifferent, setOnly] = useState(false);
  const [shown, setShown] = useState(200);
  const different = useMemo(() => pairs.filter(pairDiffers), [pairs]);
  const list = onlyDifferent ? different : pairs;
  return html`<section aria-labelledby="compare-steps"><div class="compare-tools"><h2 id="compare-steps">Steps</h2>
      <span class="faint" role="status">${formatCount(different.length)} of ${plural(pairs.length, 'step')} differ</span>
      <label class="check"><input type="checkbox" checked=${onlyDifferent} onChange=${() => setOnly(!onlyDifferent)} /> Differences only</label></div>
    <ol class="compare-list">${list
      .slice(0, shown)
      .map((pair, index) => html`<${Row} key=${(pair.left ?? pair.right)?.id} pair=${pair} index=${index} />`)}</ol>
    ${list.length > shown && html`<p class="more"><button type="button" class="button" onClick=${() => setShown(shown + 500)}>More steps</button></p>`}</section>`;
}

/** @param {{ left: string, right: string }} props */
export function CompareView({ left, right }) {
  const { sides, error, retry } = useSides(left, right);
  useRetry(error, retry);
  const pairs = useMemo(() => (sides ? alignSteps(sides[0].steps, sides[1].steps) : []), [sides]);
  const ws = workspace.value.id;
  return html`<section class="pane" aria-labelledby="compare-title">
    <header class="pane-head"><a class="icon-button" href=${tracePageUrl(ws, left)} aria-label="Back to the trace"
      title="Back to the trace"><${Icon} name="left" /></a>
      <h1 class="pane-title" id="compare-title"><${Icon} name="compare" /><span>Compare</span></h1>
      <a class="button button-small" data-replace href=${compareUrl(ws, right, left)}>Swap</a></header>
    <div class="pane-scroll compare" tabindex="0" role="region" aria-label="Comparison" aria-busy=${sides || error ? undefined : 'true'}>
      ${
        error &&
        (error.isTemporary
          ? html`<${Unreachable} error=${error} onRetry=${retry} />`
          : html`<${NotFound}><a class="button" href=${sessionsUrl(ws)}>To the sessions</a><//>`)
      }
      ${!sides && !error && html`<div class="skeleton"></div><div class="skeleton"></div>`}
      ${
        sides &&
        html`<${Facts} left=${sides[0].session} right=${sides[1].session} />
        ${sides.some(({ isCut }) => isCut) && html`<p class="notice">The first ${formatCount(mostSteps)} steps of each are compared.</p>`}
        <${Steps} pairs=${pairs} />`
      }
    </div>
  </section>`;
}
