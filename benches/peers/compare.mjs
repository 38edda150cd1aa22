// Prints how our client and our server compare with their peers, from the JSON documents of the runs.
//
//   node compare.mjs OURS.json JAVASCRIPT.json [NODE_SERVER.json [STORAGE_SERVER.json]]

import { readFileSync } from 'node:fs';

const read = (path) => path && JSON.parse(readFileSync(path, 'utf8'));
const [ours, theirs, nodeServer, storageServer] = process.argv.slice(2).map(read);

const columns = (cells, widths) => cells.map((cell, i) => String(cell)[i === 0 ? 'padEnd' : 'padStart'](widths[i])).join('  ');
const key = (row) => `${row.size} ${row.direction} x${row.concurrency}`;
const fixed = (number, digits = 1) => number.toFixed(digits);
// CPU time is counted in ticks of 10 ms: what is below one says nothing.
const ratio = (a, b) => (a > 0 && b > 0 ? fixed(a / b, 2) : '–');

console.log('\nOur client and storage-js on our server\n');
const widths = [18, 10, 10, 8, 12, 12, 8];
console.log(columns(['', 'ours op/s', 'js op/s', 'faster', 'ours CPU ms', 'js CPU ms', 'of it'], widths));
for (const row of ours.transfers) {
  const js = theirs.transfers.find((each) => key(each) === key(row));
  console.log(
    columns([
      key(row),
      fixed(row.operations_a_second, 0),
      fixed(js.operations_a_second, 0),
      ratio(row.operations_a_second, js.operations_a_second),
      fixed(row.client_cpu_ms, 3),
      fixed(js.client_cpu_ms, 3),
      ratio(row.client_cpu_ms, js.client_cpu_ms),
    ], widths),
  );
}

console.log('\nAt the best concurrency of each\n');
const best = (rows, size, direction) =>
  rows
    .filter((row) => row.size === size && row.direction === direction)
    .reduce((a, b) => (a.operations_a_second > b.operations_a_second ? a : b));
for (const size of new Set(ours.transfers.map((row) => row.size))) {
  for (const direction of ['up', 'down']) {
    const [a, b] = [best(ours.transfers, size, direction), best(theirs.transfers, size, direction)];
    console.log(
      `${size.padEnd(7)} ${direction.padEnd(5)} ${ratio(a.operations_a_second, b.operations_a_second)} times as fast ` +
        `(x${a.concurrency} against x${b.concurrency}), at ${ratio(a.client_cpu_ms, b.client_cpu_ms)} of the CPU`,
    );
  }
}

if (ours.listing && theirs.listing) {
  const [a, b] = [ours.listing, theirs.listing];
  console.log(
    `\nlisting ${a.objects} objects: ${fixed(a.seconds)} s and ${fixed(a.client_cpu_seconds)} s CPU, ` +
      `storage-js ${fixed(b.seconds)} s and ${fixed(b.client_cpu_seconds)} s CPU`,
  );
}

function beside(title, column, server) {
  console.log(`\nOur server and ${title} under our client\n`);
  console.log(columns(['', 'ours op/s', `${column} op/s`, 'faster', 'ours CPU ms', `${column} CPU ms`, 'of it'], widths));
  for (const row of ours.transfers) {
    const other = server.transfers.find((each) => key(each) === key(row));
    console.log(
      columns([
        key(row),
        fixed(row.operations_a_second, 0),
        fixed(other.operations_a_second, 0),
        ratio(row.operations_a_second, other.operations_a_second),
        fixed(row.server_cpu_ms, 3),
        fixed(other.server_cpu_ms, 3),
        ratio(row.server_cpu_ms, other.server_cpu_ms),
      ], widths),
    );
  }
}

if (nodeServer) beside('the Node server', 'node', nodeServer);
if (storageServer) beside('the storage server', 'real', storageServer);
