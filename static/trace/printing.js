// SPDX-License-Identifier: Apache-2.0
// Whether the page is being printed: then every row is mounted.
import { signal } from '../html.js';

export const printing = signal(false);

globalThis.addEventListener?.('beforeprint', () => (printing.value = true));
globalThis.addEventListener?.('afterprint', () => (printing.value = false));
