// SPDX-License-Identifier: Apache-2.0
// The parsing rules of an event stream (WHATWG HTML, 9.2.6), over bytes that may be split anywhere.
import { StringDecoder } from 'node:string_decoder';

export class Parser {
  #decoder = new StringDecoder('utf8');
  #rest = []; // the pieces of an unfinished line: joined once, however many there are
  #first = true;
  #afterReturn = false;
  #data = [];
  #type = '';
  #idBuffer;
  #lines = 0;

  // `dispatch({type, data, id})` for each event, `retry(ms)` for each time of reconnection, `empty(lines)` for a block
  // without data, of which the rules make no event and some clients do.
  constructor({ dispatch, retry = () => {}, empty = () => {}, lastEventId = '' }) {
    this.dispatch = dispatch;
    this.retry = retry;
    this.empty = empty;
    this.lastEventId = lastEventId;
    this.#idBuffer = lastEventId;
  }

  push(bytes) {
    let text = this.#decoder.write(bytes);
    if (text === '') return;
    if (this.#first && text.startsWith('\ufeff')) text = text.slice(1);
    this.#first = false;
    // The LF of a CRLF whose CR ended the last piece.
    if (this.#afterReturn && text.startsWith('\n')) text = text.slice(1);
    this.#afterReturn = text === '' ? false : text.endsWith('\r');
    const lines = text.split(/\r\n|\n|\r/);
    const rest = lines.pop();
    for (const line of lines) {
      this.#line([...this.#rest, line].join(''));
      this.#rest = [];
    }
    if (rest !== '') this.#rest.push(rest);
  }

  #line(line) {
    if (line === '') return this.#end();
    this.#lines += 1;
    if (line.startsWith(':')) return;
    const at = line.indexOf(':');
    const name = at < 0 ? line : line.slice(0, at);
    const value = at < 0 ? '' : line.slice(at + 1).replace(/^ /, '');
    if (name === 'event') this.#type = value;
    else if (name === 'data') this.#data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.#idBuffer = value;
    else if (name === 'retry' && /^[0-9]+$/.test(value)) this.retry(Number(value));
  }

  #end() {
    this.lastEventId = this.#idBuffer;
    const event = { type: this.#type || 'message', data: this.#data.join('\n'), id: this.lastEventId };
    const isEmpty = this.#data.length === 0;
    const lines = this.#lines;
    this.#type = '';
    this.#data = [];
    this.#lines = 0;
    if (!isEmpty) this.dispatch(event);
    else if (lines) this.empty(lines);
  }
}
