// SPDX-License-Identifier: Apache-2.0
// A classic script before all others, since it watches whether they come. A page of which a module or a style sheet is
// missing, because the network changed under it or the server was being restarted, would stay empty: it says so, and is
// loaded again, later each time. So is one of which a part neither comes nor fails.
(() => {
  const firstMs = 1000;
  const mostMs = 60000;
  const patienceMs = 20000;
  const key = 'agent-trace-boot'; // how long the last wait of this tab was
  /** @type {string[]} */
  const missing = [];

  /** @param {number} ms */
  function remember(ms) {
    try {
      if (ms) sessionStorage.setItem(key, String(ms));
      else sessionStorage.removeItem(key);
      return true;
    } catch {
      return false; // Storage may be refused. Then nothing bounds the tries, and a person has to ask for them.
    }
  }

  function waited() {
    try {
      return Number(sessionStorage.getItem(key)) || 0;
    } catch {
      return 0;
    }
  }

  /** @param {string} sentence */
  function say(sentence) {
    const notice = document.createElement('p');
    notice.className = 'bar';
    notice.setAttribute('role', 'alert');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'quiet-link';
    button.textContent = 'Try now';
    button.addEventListener('click', () => location.reload());
    notice.append(`${sentence} `, button);
    document.body.prepend(notice);
  }

  addEventListener(
    'error',
    ({ target }) => {
      if (target instanceof HTMLScriptElement) missing.push(target.src);
      else if (target instanceof HTMLLinkElement && target.rel === 'stylesheet') missing.push(target.href);
    },
    true,
  );
  function comeAgain() {
    const ms = Math.min(2 * waited() || firstMs, mostMs);
    if (remember(ms)) setTimeout(() => location.reload(), ms);
    say('A part of this page could not be loaded.');
  }

  const patience = setTimeout(() => {
    if (!document.getElementById('app')?.hasChildNodes()) comeAgain();
  }, patienceMs);
  addEventListener('load', () => {
    clearTimeout(patience);
    if (missing.length > 0) comeAgain();
    else remember(0);
  });
})();
