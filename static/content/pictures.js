// SPDX-License-Identifier: Apache-2.0
// Pictures inside contents. Pure but for the component at the end. A picture is shown only if its first bytes are those
// of PNG, JPEG, GIF or WebP (never SVG) and its head tells a size that a page can bear. Nothing is fetched for it.
import { html, useEffect, useState } from '../html.js';
import { formatCount } from '../time.js';

const mostBytes = 8 << 20;
const mostPixels = 40e6;

/** @param {Uint8Array} bytes @param {number} at */
const big16 = (bytes, at) => (bytes[at] << 8) | bytes[at + 1];
/** @param {Uint8Array} bytes @param {number} at */
const little16 = (bytes, at) => bytes[at] | (bytes[at + 1] << 8);
/** @param {Uint8Array} bytes @param {number} at @param {number} length */
const ascii = (bytes, at, length) => String.fromCharCode(...bytes.subarray(at, at + length));

/** @param {Uint8Array} bytes @returns {[number, number] | null} */
function jpegSize(bytes) {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const mark = bytes[at + 1];
    if (mark >= 0xc0 && mark <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(mark))
      return [big16(bytes, at + 7), big16(bytes, at + 5)];
    at += 2 + big16(bytes, at + 2);
  }
  return null;
}

/** @param {Uint8Array} bytes @returns {[number, number] | null} */
function webpSize(bytes) {
  const kind = ascii(bytes, 12, 4);
  const little24 = (/** @type {number} */ at) => little16(bytes, at) | (bytes[at + 2] << 16);
  if (kind === 'VP8X') return [little24(24) + 1, little24(27) + 1];
  if (kind === 'VP8 ') return [little16(bytes, 26) & 0x3fff, little16(bytes, 28) & 0x3fff];
  if (kind !== 'VP8L') return null;
  const bits = (little16(bytes, 21) | (little16(bytes, 23) << 16)) >>> 0;
  return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
}

// What a picture's first bytes say of it: {type, width, height}, or null if they are no picture's.
/** @param {Uint8Array} bytes */
export function pictureHead(bytes) {
  if (bytes.length < 30) return null;
  /** @param {string} type @param {[number, number] | null} size */
  const head = (type, size) =>
    size && size[0] > 0 && size[1] > 0 && size[0] * size[1] <= mostPixels
      ? { type, width: size[0], height: size[1] }
      : null;
  if (ascii(bytes, 1, 3) === 'PNG' && bytes[0] === 0x89) {
    const at = (/** @type {number} */ from) => big16(bytes, from) * 65536 + big16(bytes, from + 2);
    return head('image/png', [at(16), at(20)]);
  }
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return head('image/gif', [little16(bytes, 6), little16(bytes, 8)]);
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return head('image/jpeg', jpegSize(bytes));
  if (ascii(bytes, 0, 4) === 'RIFF' && ascii(bytes, 8, 4) === 'WEBP') return head('image/webp', webpSize(bytes));
  return null;
}

/** @param {string} base64 */
function decode(base64) {
  if (base64.length > (mostBytes * 4) / 3 || !/^[A-Za-z0-9+/_=\s-]+$/.test(base64)) return null;
  try {
    return Uint8Array.from(atob(base64.replaceAll('-', '+').replaceAll('_', '/')), (character) =>
      character.charCodeAt(0),
    );
  } catch {
    return null;
  }
}

// The base64 text of a picture: a `data:` address, or the forms in which models' and tools' messages carry it.
/** @param {any} value @returns {string | undefined} */
export function pictureText(value) {
  if (typeof value === 'string') return /^data:image\/[a-z.+-]+;base64,(.*)$/s.exec(value)?.[1];
  if (value === null || typeof value !== 'object') return undefined;
  if (value.type === 'image' && typeof value.data === 'string') return value.data;
  if (value.type === 'image' && typeof value.source?.data === 'string') return value.source.data;
  if (value.type === 'image_url') return pictureText(value.image_url?.url ?? value.image_url);
  if (value.type === 'input_image') return pictureText(value.image_url);
  return undefined;
}

/** @param {string} base64 */
export function pictureRead(base64) {
  const bytes = decode(base64);
  const head = bytes && pictureHead(bytes);
  return head ? { ...head, bytes } : null;
}

/** @param {{ base64: string }} props */
export function Picture({ base64 }) {
  const [shown, setShown] = useState(/** @type {{ url: string, text: string } | null} */ (null));
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const read = pictureRead(base64);
    setFailed(!read);
    if (!read) return undefined;
    const url = URL.createObjectURL(new Blob([read.bytes], { type: read.type }));
    const size = `${read.width} × ${read.height}, ${formatCount(read.bytes.length)} bytes`;
    setShown({ url, text: `${read.type.slice(6).toUpperCase()}, ${size}` });
    return () => URL.revokeObjectURL(url);
  }, [base64]);
  if (failed)
    return html`<p class="faint">A picture that cannot be shown (${formatCount(base64.length)} characters).</p>`;
  if (!shown) return null;
  return html`<figure class="picture"><img src=${shown.url} alt=${`Picture: ${shown.text}`} />
    <figcaption class="faint">${shown.text}</figcaption></figure>`;
}
