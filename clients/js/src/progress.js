// SPDX-License-Identifier: Apache-2.0
// The text of a step while it grows: what of it the server has been shown, what it has stored, and when the next piece
// is due. Pure: it sends nothing and reads no clock. Positions are counted in UTF-8 bytes on the wire and in UTF-16 units
// here; a piece never ends between the halves of a surrogate pair.
import { byteLength, cleanText } from './text.js';

// A checkpoint carries the whole text: the longer the text, the rarer the checkpoints.
const CHECKPOINT_STRETCH = 262144;
// The first checkpoint comes after a quarter of the time or at this length, because most steps are short.
const [FIRST_SHARE, FIRST_BYTES] = [4, 1024];
const NOTHING = { edition: 0, length: 0, bytes: 0 };
const HIGH = /[\uD800-\uDBFF]$/;

export class Progress {
  text = '';
  bytes = 0;
  #held = '';
  // Raised when the text is replaced instead of continued.
  #edition = 0;
  #confirmed = NOTHING;
  #stored = NOTHING;
  #sending = NOTHING;
  #storing = false;
  #everStored = false;
  #sentAt = -Infinity;
  #storedAt = 0;
  #n;

  // `n`: the number before that of the first piece. The server orders the pieces of a step by their numbers.
  constructor(pace, n = 0) {
    this.pace = pace;
    this.#n = n;
  }

  append(delta, now) {
    if (delta === '') return;
    if (this.#edition === 0) {
      this.#edition = 1;
      this.#storedAt = now;
    }
    let piece = this.#held + delta;
    this.#held = HIGH.test(piece) ? piece.slice(-1) : '';
    piece = cleanText(this.#held ? piece.slice(0, -1) : piece);
    this.text += piece;
    this.bytes += byteLength(piece);
  }

  replace(text, now) {
    if (text.startsWith(this.text)) {
      const rest = text.slice(this.text.length);
      this.#held = '';
      return this.append(rest, now);
    }
    this.text = '';
    this.bytes = 0;
    this.#held = '';
    this.#edition++;
    this.append(text, now);
  }

  #reached(mark) {
    return mark.edition === this.#edition && mark.length === this.text.length;
  }

  #checkpointAt() {
    const { checkpointMs } = this.pace;
    if (!this.#everStored) return this.bytes >= FIRST_BYTES ? 0 : this.#storedAt + checkpointMs / FIRST_SHARE;
    return this.#storedAt + checkpointMs * (1 + Math.floor(this.bytes / CHECKPOINT_STRETCH));
  }

  // When the next piece should go out; Infinity: nothing is left. `hurry`: somebody waits for everything to be sent.
  due(hurry) {
    if (this.#edition === 0) return Infinity;
    if (this.#reached(this.#confirmed)) return this.#reached(this.#stored) ? Infinity : this.#checkpointAt();
    const known = this.#confirmed.edition === this.#edition ? this.#confirmed.bytes : 0;
    const first = this.#confirmed.edition === 0;
    if (hurry || first || this.bytes - known >= this.pace.progressBytes) return -Infinity;
    return this.#sentAt + this.pace.progressMs;
  }

  // Whether a flush has to wait for this text to be shown.
  get waits() {
    return this.#edition > 0 && !this.#reached(this.#confirmed);
  }

  // The body to be sent now; sent() says what became of it.
  take(now) {
    this.#storing = !this.#reached(this.#stored) && now >= this.#checkpointAt();
    this.#sending = { edition: this.#edition, length: this.text.length, bytes: this.bytes };
    this.#sentAt = now;
    if (this.#storing) {
      this.#storedAt = now;
      this.#everStored = true;
    }
    const n = ++this.#n;
    if (this.#storing) return { content: this.text, n, checkpoint: true };
    if (this.#confirmed.edition !== this.#edition) return { content: this.text, n };
    return { delta: this.text.slice(this.#confirmed.length), offset: this.#confirmed.bytes, n };
  }

  sent(accepted) {
    if (!accepted) return;
    this.#confirmed = this.#sending;
    if (this.#storing) this.#stored = this.#sending;
  }
}
