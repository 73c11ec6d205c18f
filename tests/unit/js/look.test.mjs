// SPDX-License-Identifier: Apache-2.0
// The colours of both themes meet AA wherever text stands on a fill, computed from the style sheets themselves.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

const css = (name) => readFileSync(new URL(`../../../static/css/${name}.css`, import.meta.url), 'utf8');

function rules(text) {
  const found = {};
  for (const [, selector, body] of text.replaceAll(/\/\*.*?\*\//gs, '').matchAll(/([^{}]+)\{([^{}]*)\}/g)) {
    const fields = Object.fromEntries(
      [...body.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value]),
    );
    found[selector.trim()] = { ...found[selector.trim()], ...fields };
  }
  return found;
}

function toRgb(value) {
  const [h, s, l] = value.split(/[\s/]+/).map(Number.parseFloat);
  const a = (s / 100) * Math.min(l / 100, 1 - l / 100);
  const channel = (n) => {
    const k = (n + h / 30) % 12;
    return l / 100 - a * Math.max(-1, Math.min(k - 3, 9 - k, 1));
  };
  return [channel(0), channel(8), channel(4)];
}

const over = (top, alpha, below) => top.map((value, index) => value * alpha + below[index] * (1 - alpha));

function luminance(rgb) {
  const [r, g, b] = rgb.map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a, b) {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

const tokens = rules(css('tokens'));
const hues = rules(css('hues'));
const light = tokens[':root'];
const themes = { light, dark: { ...light, ...tokens[":root[data-theme='dark']"] } };

for (const [name, theme] of Object.entries(themes)) {
  const colour = (token) => toRgb(theme[token]);
  const enough = (what, text, fill, least = 4.5) =>
    assert.ok(contrast(text, fill) >= least, `${name}: ${what} has ${contrast(text, fill).toFixed(2)}`);

  test(`${name}: text on the grounds`, () => {
    for (const ground of ['bg', 'card', 'muted']) enough(`fg on ${ground}`, colour('fg'), colour(ground));
    for (const ground of ['bg', 'card'])
      for (const text of ['muted-fg', 'gold-ink', 'success', 'danger', 'warning'])
        enough(`${text} on ${ground}`, colour(text), colour(ground));
    enough('text on gold', colour('on-gold'), colour('primary'));
    for (const ground of ['bg', 'card']) {
      enough(`focus ring on ${ground}`, colour('focus'), colour(ground), 3);
      enough(`control border on ${ground}`, colour('control'), colour(ground), 3);
    }
  });

  test(`${name}: every hue's ink on its badge and on its row`, () => {
    for (const [selector, { hue, ink }] of Object.entries(hues)) {
      if (!selector.startsWith('.hue-') || !ink) continue;
      const inkHere = toRgb(name === 'dark' ? hues[`[data-theme='dark'] ${selector}`].ink : ink);
      const row = over(toRgb(hue), 0.03, colour('card'));
      enough(`${selector} on its badge`, inkHere, over(toRgb(hue), 0.15, row));
      enough(`muted text on the row of ${selector}`, colour('muted-fg'), row);
    }
  });

  test(`${name}: an agent's message and an activity line`, () => {
    for (const alpha of [0.06, 0.1]) {
      const fill = over(colour('primary'), alpha, colour('card'));
      enough(`text at ${alpha}`, colour('fg'), fill);
      enough(`muted text at ${alpha}`, colour('muted-fg'), fill);
      enough(`links at ${alpha}`, colour('gold-ink'), fill);
    }
    enough('activity', colour('fg'), over(colour('primary'), 0.2, colour('card')));
  });
}
