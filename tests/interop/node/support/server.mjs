// Servers of a test's own, for what would disturb the other tests: other policies, and being killed.

import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder that goes with the test. */
export async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), 'interop-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Starts `serve` over a folder, waits until it answers, and ends it with the test. */
export async function serve(t, { data, port = 0, flags = [] }) {
  const child = spawn(
    process.env.INTEROP_PROGRAM,
    ['--json', 'serve', '--port', String(port), '--data', data, ...flags],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const ended = new Promise((done) => child.once('exit', done));
  const stop = async (signal = 'SIGTERM') => {
    child.kill(signal);
    await ended;
  };
  t.after(() => stop('SIGKILL'));
  const facts = await new Promise((done, reject) => {
    let text = '';
    let errors = '';
    child.stderr.on('data', (part) => (errors += part));
    child.stdout.on('data', (part) => {
      text += part;
      try {
        done(JSON.parse(text));
      } catch {
        // The document is not whole yet.
      }
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}: ${errors}`)));
  });
  return {
    url: facts.url,
    port: Number(new URL(facts.url).port),
    serviceKey: facts.service_key,
    anonKey: facts.anon_key,
    stop,
    kill: () => stop('SIGKILL'),
  };
}
