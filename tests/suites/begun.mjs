// SPDX-License-Identifier: Apache-2.0
// A reporter beside TAP, which tells of a test only once it has ended: this one says what has begun. The last of these lines
// names the test that hung.
export default async function* begun(events) {
  for await (const { type, data } of events) if (type === 'test:dequeue') yield `# began: ${data.name}\n`;
}
