// SPDX-License-Identifier: Apache-2.0
// A classic script, so that the theme stands before the first paint: a module would come too late and flash white.
// settings.js takes over from here.
(() => {
  let theme = 'system';
  try {
    theme = JSON.parse(localStorage.getItem('agent-trace') ?? '{}').theme ?? theme;
  } catch {
    // Storage may be refused.
  }
  if (theme === 'system') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme;
})();
