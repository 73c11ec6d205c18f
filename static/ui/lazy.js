// SPDX-License-Identifier: Apache-2.0
// Components whose modules are requested when they are first shown: what nobody opens costs nothing at the start.
import { html, useEffect, useState } from '../html.js';
import { Icon } from '../icons.js';

/**
 * @typedef {(props: any) => any} Component
 * @param {() => Promise<Component>} load
 * @param {string} name of what is opened, for the reader
 * @returns {Component & { load: () => Promise<unknown> }} `load`: begins before it is shown
 */
export function lazy(load, name) {
  /** @type {Component | undefined} */
  let Loaded;
  /** @type {Promise<unknown> | undefined} */
  let loading;
  const begin = () =>
    (loading ??= load().then(
      (component) => (Loaded = component),
      (error) => {
        loading = undefined;
        throw error;
      },
    ));

  /** @param {any} props */
  function Lazy(props) {
    const [problem, setProblem] = useState(false);
    const [, setDone] = useState(false);
    // It may have come since the last render, and nobody would have said so.
    useEffect(() => {
      if (problem) return;
      begin().then(
        () => setDone(true),
        () => setProblem(true),
      );
    }, [problem]);
    if (Loaded) return html`<${Loaded} ...${props} />`;
    return problem
      ? html`<section class="nothing" role="alert"><${Icon} name="alert" size=${28} />
          <p class="nothing-text">${name} could not be loaded.</p>
          <p><button type="button" class="button" onClick=${() => setProblem(false)}>Try again</button></p></section>`
      : html`<p class="faint" aria-busy="true">Opening…</p>`;
  }
  return Object.assign(Lazy, { load: begin });
}
