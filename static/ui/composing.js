// SPDX-License-Identifier: Apache-2.0
// Whether a key belongs to an input method. Safari ends the composition before the Enter that confirms it, and tells by
// the old code of the key alone.
const processedKey = 229;

/** @param {KeyboardEvent} event */
export const isComposing = (event) => event.isComposing || event.keyCode === processedKey;
