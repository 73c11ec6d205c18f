// SPDX-License-Identifier: Apache-2.0
// The host of an address as people name it. Only the address says it: who wrote the address may claim anything beside.

// Empty for what is no address. Letters that are not Latin come as the browser sends them (xn--…).
/** @param {string} url */
export function domainOf(url) {
  try {
    return new URL(url).hostname.replace(/^www\./, '');
  } catch {
    return '';
  }
}
