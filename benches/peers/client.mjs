// The work of benches/client.rs through the official JavaScript client. Prints one JSON document.
//
//   BENCH_URL=… BENCH_KEY=… [BENCH_PARTS=transfers,listing] node client.mjs
//
// storage-js has no pool of its own: Node's fetch decides about connections, as in any application.

import { readFileSync } from 'node:fs';

import { StorageClient } from '@supabase/storage-js';

const workload = JSON.parse(readFileSync(new URL('workload.json', import.meta.url), 'utf8'));
const { BENCH_URL: url, BENCH_KEY: key, BENCH_PARTS: parts = 'transfers,listing' } = process.env;
const storage = new StorageClient(`${url}/storage/v1`, { apikey: key, authorization: `Bearer ${key}` });

function ok({ data, error }) {
  if (error) throw error;
  return data;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const cpu = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function ensure(bucket) {
  const { error } = await storage.createBucket(bucket);
  if (error && error.statusCode !== '409') throw error;
  return storage.from(bucket);
}

async function round(files, body, concurrency, operations, direction) {
  let next = 0;
  const times = [];
  const before = { cpu: cpu(), time: performance.now() };
  const worker = async () => {
    for (let number = next++; number < operations; number = next++) {
      const path = `${body.length}/${number}.bin`;
      const start = performance.now();
      if (direction === 'up') {
        ok(await files.upload(path, body, { upsert: true, contentType: 'application/octet-stream' }));
      } else {
        const blob = ok(await files.download(path));
        // The bytes are there only when they are asked for, as they are in our client.
        const bytes = await blob.arrayBuffer();
        if (bytes.byteLength !== body.length) throw new Error(`${bytes.byteLength} bytes of ${path}`);
      }
      times.push(performance.now() - start);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const wall = performance.now() - before.time;
  return { wall, cpu: cpu() - before.cpu, median: median(times) };
}

async function transfers() {
  const files = await ensure('bench');
  const rows = [];
  for (const { name, bytes, operations } of workload.transfers) {
    const body = Buffer.from(Uint8Array.from({ length: bytes }, (_, i) => (i * 31) % 251));
    for (const concurrency of [1, 8, 64]) {
      const count = operations[concurrency];
      for (const direction of ['up', 'down']) {
        const rounds = [];
        for (let i = 0; i < workload.rounds; i += 1) {
          rounds.push(await round(files, body, concurrency, count, direction));
        }
        rounds.sort((a, b) => a.wall - b.wall);
        const middle = rounds[Math.floor(rounds.length / 2)];
        rows.push({
          size: name,
          concurrency,
          direction,
          operations_a_second: (count * 1000) / middle.wall,
          megabytes_a_second: (count * bytes) / 1e3 / middle.wall,
          median_ms: middle.median,
          client_cpu_ms: middle.cpu / count,
        });
      }
    }
  }
  return rows;
}

async function listing() {
  const files = await ensure('bench-listing');
  const before = { cpu: cpu(), time: performance.now() };
  const pages = [];
  let objects = 0;
  let cursor;
  do {
    const start = performance.now();
    const page = ok(await files.listV2({ limit: 1000, cursor }));
    pages.push(performance.now() - start);
    objects += page.objects.length;
    cursor = page.nextCursor;
  } while (cursor);
  return {
    objects,
    seconds: (performance.now() - before.time) / 1000,
    page_median_ms: median(pages),
    client_cpu_seconds: (cpu() - before.cpu) / 1000,
    peak_memory_mb: Math.round(process.resourceUsage().maxRSS / 1000),
  };
}

const result = {};
for (const part of parts.split(',')) result[part] = await { transfers, listing }[part]();
console.log(JSON.stringify(result, null, 2));
