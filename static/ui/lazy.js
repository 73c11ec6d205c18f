// SPDX-License-Identifier: Apache-2.0
// Components whose modules are requested when they are first shown: what nobody opens costs nothing at the start.
import { html, useEffect, useState } from '../html.js';
import { Icon } from '../icons.js';

const nothing = () => {};

/**
 * @typedef {(props: any) => any} Component
 * @param {() => Promise<Component>} ask
 * @param {string} name of what is opened, for the reader
 * @returns {Component & { load: () => Promise<void> }} `load`: begins before it is shown, which is where a failure is told
 */
export function lazy(ask, name) {
  /** @type {Component | undefined} */
  let Loaded;
  /** @type {Promise<unknown> | undefined} */
  let loading;
  let failures = 0;
  const begin = () =>
    (loading ??= ask().then(
      (component) => (Loaded = component),
      (error) => {
        loading = undefined;
        failures += 1;
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
    if (!problem) return html`<p class="faint" aria-busy="true">Opening…</p>`;
    // A browser may keep the failure of a module for as long as the document lives. Then only another one helps.
    const isStuck = failures > 1;
    return html`<section class="nothing" role="alert"><${Icon} name="alert" size=${28} />
      <p class="nothing-text">${name} could not be loaded.</p>
      <p><button type="button" class="button" onClick=${() => (isStuck ? location.reload() : setProblem(false))}>
        ${isStuck ? 'Reload the page' : 'Try again'}</button></p></section>`;
  }
  return Object.assign(Lazy, { load: () => begin().then(nothing, nothing) });
}
