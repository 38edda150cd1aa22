// A folder of files through the official JavaScript client, up or down, as an application would do it.
//
//   SUPABASE_URL=… SUPABASE_KEY=… node files.mjs up|down FOLDER BUCKET PREFIX CONCURRENCY
//
// Files of more than 6 MB go through tus-js-client in pieces of 6 MB, as the documentation of Supabase says, and come down as a
// stream; smaller ones are read whole and sent by `upload`.

import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { StorageClient } from '@supabase/storage-js';
import * as tus from 'tus-js-client';

const { SUPABASE_URL: url, SUPABASE_KEY: key } = process.env;
const [direction, folder, bucket, prefix, concurrency] = process.argv.slice(2);
const storage = new StorageClient(`${url}/storage/v1`, { apikey: key, authorization: `Bearer ${key}` });
const files = storage.from(bucket);
const PIECE = 6 * 1024 * 1024;

function ok({ data, error }) {
  if (error) throw error;
  return data;
}

// tus-js-client settles through callbacks.
const resumable = (path, size, name) =>
  new Promise((done, failed) => {
    new tus.Upload(createReadStream(path), {
      endpoint: `${url}/storage/v1/upload/resumable`,
      headers: { authorization: `Bearer ${key}`, apikey: key },
      metadata: { bucketName: bucket, objectName: name, contentType: 'application/octet-stream' },
      chunkSize: PIECE,
      uploadSize: size,
      uploadDataDuringCreation: true,
      onError: failed,
      onSuccess: done,
    }).start();
  });

async function up(name) {
  const path = join(folder, name);
  const { size } = await stat(path);
  if (size > PIECE) return resumable(path, size, prefix + name);
  return ok(await files.upload(prefix + name, await readFile(path), { contentType: 'application/octet-stream' }));
}

async function down({ name, metadata }) {
  const path = join(folder, name.slice(prefix.length));
  if (metadata.size > PIECE) {
    const body = ok(await files.download(name).asStream());
    return pipeline(Readable.fromWeb(body), createWriteStream(path));
  }
  const blob = ok(await files.download(name));
  return writeFile(path, Buffer.from(await blob.arrayBuffer()));
}

async function listed() {
  const objects = [];
  let cursor;
  do {
    const page = ok(await files.listV2({ prefix, limit: 1000, cursor }));
    objects.push(...page.objects);
    cursor = page.nextCursor;
  } while (cursor);
  return objects;
}

let work = up;
let items;
if (direction === 'up') {
  items = await readdir(folder);
} else {
  await mkdir(folder, { recursive: true });
  items = await listed();
  work = down;
}
let next = 0;
await Promise.all(
  Array.from({ length: Number(concurrency) }, async () => {
    for (let at = next++; at < items.length; at = next++) await work(items[at]);
  }),
);
