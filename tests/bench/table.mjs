// SPDX-License-Identifier: Apache-2.0
// Tables of what was measured in turns.
import { median } from './machine.mjs';

// The first row is the head. Numbers to the right, words to the left.
export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
  const isNumber = (text) => /^[\d–.]/.test(text);
  return rows
    .map((row) =>
      row
        .map((cell, i) =>
          i && (isNumber(cell) || row === rows[0]) ? String(cell).padStart(widths[i]) : String(cell).padEnd(widths[i]),
        )
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

// The median with the least and the most.
export const spread = (values) =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)})`;

// The ratio of two servers' values, round by round.
export function ratio(ours, theirs) {
  return spread(ours.map((value, round) => value / theirs[round]));
}

// Below a table: what is not in it, and why.
export const notMeasured = (servers) =>
  servers
    .filter(({ missing }) => missing)
    .map(({ name, missing }) => `\n${name}: not measured; to have it: ${missing}`)
    .join('');

// Processor time per delivery of each server, and the first one's ratio to each.
export function cpuTable(servers, measured) {
  const micros = ({ name }) => measured.get(name).map(({ cpu, deliveries }) => (cpu * 1e6) / deliveries);
  const rows = servers.map((server) => {
    if (server.missing) return [server.name, '–', '–', '–', '–'];
    const { p50, p99 } = measured.get(server.name).at(-1);
    return [server.name, median(micros(server)).toFixed(2), ratio(micros(servers[0]), micros(server)), p50, p99];
  });
  return table([['', 'CPU µs', `ratio of ${servers[0].name}`, 'ms p50', 'p99'], ...rows]) + notMeasured(servers);
}
