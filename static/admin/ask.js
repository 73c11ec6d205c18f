// SPDX-License-Identifier: Apache-2.0
// Asks before something is done that cannot be taken back at a press, by the name of what it is done to; and for the few
// words that a change needs.
import { focused, html, signal, useElement, useLayoutEffect, useState } from '../html.js';

// What is refused is said in the dialog, which then stays open with what was entered; `run` is given the function that
// says it.
/**
 * @typedef {{ name: string, label: string, value?: string, required?: boolean, lines?: number, most?: number,
 *   type?: 'text' | 'number', min?: number, max?: number, step?: number | 'any', checked?: boolean }} AskField
 * @typedef {(values: Record<string, string>, refuse: (sentence: string) => void) => Promise<unknown>} Run
 * @typedef {{ title: string, text?: string, label: string, danger?: boolean, fields?: AskField[], run: Run }} Question
 * @type {Signal<Question | null>}
 */
const question = signal(null);
// Which section is open: a question belongs to the one that asks it, and goes with it.
let section = 0;

/** @param {Question} one */
export function ask(one) {
  question.value = one;
}

// To be had before something is waited for: asks only if the section is still open then.
export function askLater() {
  const here = section;
  return (/** @type {Question} */ one) => {
    if (here === section) ask(one);
  };
}

/** @param {{ field: AskField }} props */
export function Field({
  field: { name, label, value = '', required, lines, most = 200, type = 'text', checked, ...bounds },
}) {
  if (checked !== undefined)
    return html`<label class="choice"><input type="checkbox" name=${name} defaultChecked=${checked} /><span>${label}</span></label>`;
  return html`<label class="field"><span>${label}</span>${
    lines
      ? html`<textarea name=${name} rows=${lines} maxlength=${most}>${value}</textarea>`
      : html`<input type=${type} name=${name} defaultValue=${value} required=${required}
          ...${type === 'text' ? { maxlength: most } : bounds} autocomplete="off" />`
  }</label>`;
}

/** @param {{ one: Question }} props */
function Dialog({ one }) {
  /** @type {{ current: any }} */
  const dialog = useElement();
  const [busy, setBusy] = useState(false);
  const [refused, setRefused] = useState('');
  // One question may have asked the next.
  const close = () => {
    if (question.peek() === one) question.value = null;
  };
  useLayoutEffect(() => {
    const opener = focused();
    const element = dialog.current;
    element.showModal();
    return () => {
      element.close();
      // What was asked about may be gone.
      const next = opener?.isConnected ? opener : document.querySelector('.admin');
      /** @type {HTMLElement | null} */ (next)?.focus({ preventScroll: true });
    };
  }, []);
  /** @param {any} event */
  async function submit(event) {
    event.preventDefault();
    const values = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(event.target)));
    let sentence = '';
    setBusy(true);
    setRefused('');
    await one.run(values, (said) => (sentence = said));
    setBusy(false);
    setRefused(sentence);
    if (!sentence) close();
  }
  return html`<dialog class="ask" ref=${dialog} aria-labelledby="ask-title" onCancel=${(/** @type {Event} */ event) => {
    event.preventDefault();
    close();
  }}><form class="ask-form" onSubmit=${submit}>
    <h2 id="ask-title">${one.title}</h2>
    ${one.text && html`<p>${one.text}</p>`}
    ${(one.fields ?? []).map((field) => html`<${Field} key=${field.name} field=${field} />`)}
    <p class="form-error" role="alert">${refused}</p>
    <p class="ask-buttons"><button type="button" class="button" onClick=${close}>Cancel</button>
      <button type="submit" class=${one.danger ? 'button button-danger' : 'button button-primary'} disabled=${busy}>
        ${one.label}</button></p>
  </form></dialog>`;
}

// Has a key for each section.
export function AskHost() {
  useLayoutEffect(() => {
    section += 1;
    return () => {
      section += 1;
      question.value = null;
    };
  }, []);
  const one = question.value;
  return one && html`<${Dialog} key=${one.title} one=${one} />`;
}
