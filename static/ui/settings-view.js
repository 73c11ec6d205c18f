// SPDX-License-Identifier: Apache-2.0
// The settings of this browser, behind a small button.
import { html } from '../html.js';
import { Icon } from '../icons.js';
import { settings, settingsSet } from '../settings.js';
import { helpOpen } from './keys-help.js';
import { NotificationSettings } from './notification-list.js';
import { PopoverButton } from './popover.js';

/**
 * @typedef {{ name: 'theme' | 'streaming' | 'keys', title: string, options: [string | boolean, string][] }} SettingChoice
 * @type {SettingChoice[]}
 */
const choices = [
  {
    name: 'theme',
    title: 'Theme',
    options: [
      ['system', 'As the system'],
      ['light', 'Light'],
      ['dark', 'Dark'],
    ],
  },
  {
    name: 'streaming',
    title: 'Text being written',
    options: [
      ['live', 'Live'],
      ['headline', 'Headline only'],
      ['instant', 'Instant, unpaced'],
    ],
  },
  {
    name: 'keys',
    title: 'Single keys',
    options: [
      [true, 'On'],
      [false, 'Off'],
    ],
  },
];

/** @param {{ choice: SettingChoice }} props */
function Choice({ choice }) {
  const { name, title, options } = choice;
  return html`<fieldset class="setting"><legend>${title}</legend>
    ${options.map(
      ([value, label]) => html`<label class="choice"><input type="radio" name=${`setting-${name}`}
        checked=${settings.value[name] === value}
      onChange=${() => settingsSet({ [name]: value })} /><span>${label}</span></label>`,
    )}
  </fieldset>`;
}

export function SettingsButton() {
  return html`<${PopoverButton} label="Settings" icon="gear" content=${(
    close,
  ) => html`<div class="form">${choices.map((choice) => html`<${Choice} choice=${choice} />`)}
    <${NotificationSettings} />
    <button type="button" class="button" onClick=${() => {
      close();
      helpOpen.value = true;
    }}><${Icon} name="help" size=${14} />Keyboard help</button></div>`} />`;
}
