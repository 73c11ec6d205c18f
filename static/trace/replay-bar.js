// SPDX-License-Identifier: Apache-2.0
// The controls of a replay: play, step by step, scrub, speed.
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { formatDuration } from '../time.js';
import { speeds } from './use-replay.js';

// Keys move a hundredth of the whole.
const parts = 100;

/** @param {{ replay: import('./use-replay.js').Replay, total: number }} props */
export function ReplayBar({ replay, total }) {
  const { isPlaying, axis, place, elapsed } = replay;
  const began = replay.trace.metas.length;
  const whole = axis.end - axis.start;
  const said = `${formatDuration(elapsed)} of ${formatDuration(whole)}, ${began} of ${total} steps`;
  return html`<section class="replay" aria-label="Replay">
    <button type="button" class="icon-button" data-play aria-label=${isPlaying ? 'Pause' : 'Play'}
      title=${isPlaying ? 'Pause' : 'Play'} onClick=${replay.toggle}><${Icon} name=${isPlaying ? 'pause' : 'play'} /></button>
    <button type="button" class="icon-button" aria-label="To the step before" title="To the step before"
      onClick=${() => replay.step(-1)}><${Icon} name="left" /></button>
    <button type="button" class="icon-button" aria-label="To the next step" title="To the next step"
      onClick=${() => replay.step(1)}><${Icon} name="right" /></button>
    <input type="range" class="replay-place" aria-label="Place in the trace" aria-valuetext=${said} min="0"
      max=${axis.total} step=${axis.total / parts} value=${place}
      onInput=${(/** @type {any} */ event) => replay.seek(Number(event.target.value))} />
    <span class="replay-time" aria-hidden="true">${formatDuration(elapsed)} / ${formatDuration(whole)}</span>
    <label class="replay-speed"><span class="visually-hidden">Speed</span><select value=${String(replay.speed)}
      onChange=${(/** @type {any} */ event) => replay.setSpeed(Number(event.target.value))}>${speeds.map(
        (one) => html`<option key=${one} value=${String(one)} selected=${one === replay.speed}>${one}×</option>`,
      )}</select></label>
    <button type="button" class="icon-button" aria-label="End the replay" title="End the replay" onClick=${replay.stop}>
      <${Icon} name="close" /></button>
  </section>`;
}
