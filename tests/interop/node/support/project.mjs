// The project that the suite runs against, and what its tests have in common. Where the server is comes from the
// environment: see `tests/interop/run`.

import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { deflateSync, crc32 as zlibCrc32 } from 'node:zlib';

import { createClient } from '@supabase/supabase-js';
import WebSocket from 'ws';

function need(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: start the suite with tests/interop/run`);
  return value;
}

export const url = need('INTEROP_URL');
export const serviceKey = need('INTEROP_SERVICE_KEY');
export const anonKey = need('INTEROP_ANON_KEY');

/** A client as an application makes it. The transport is what the client itself asks for on Node 20. */
export function client(key = serviceKey, { server = url, ...options } = {}) {
  return createClient(server, key, {
    auth: { persistSession: false, autoRefreshToken: false },
    realtime: { transport: WebSocket },
    ...options,
  });
}

/** The data of an answer that must be no error. */
export function ok({ data, error }) {
  assert.equal(error, null, `unexpected error: ${error && JSON.stringify(error)}`);
  assert.notEqual(data, null);
  return data;
}

/** The error of an answer, which must have these fields. */
export function fails({ data, error }, expected) {
  assert.notEqual(error, null, `an error was expected, not ${JSON.stringify(data)}`);
  for (const [field, value] of Object.entries(expected)) {
    if (value instanceof RegExp) assert.match(String(error[field]), value, field);
    else assert.deepEqual(error[field], value, `${field} of ${JSON.stringify(error)}`);
  }
  return error;
}

/** A new bucket of its own for a test. */
export async function bucket(options = { public: false }, project = client()) {
  const id = `interop-${randomUUID()}`;
  ok(await project.storage.createBucket(id, options));
  return id;
}

/** Names of its own, where several tests look at the same table. */
export const unique = (word) => `${word}-${randomBytes(6).toString('hex')}`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
export const isUuid = (text) => assert.match(text, UUID);

// Node 20 has no crc32 of its own before 20.15.
function crc32(bytes) {
  if (zlibCrc32) return zlibCrc32(bytes);
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (0xedb88320 & -(crc & 1));
  }
  return ~crc >>> 0;
}

/** A PNG of this size: a gradient, so that scaling has something to do. */
export function png(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      rows.set([(x * 255) / width, (y * 255) / height, 128], at);
    }
  }
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The format of a picture and its size, from its first bytes. */
export function picture(bytes) {
  const at = Buffer.from(bytes);
  if (at.subarray(1, 4).toString('latin1') === 'PNG') {
    return { format: 'png', width: at.readUInt32BE(16), height: at.readUInt32BE(20) };
  }
  if (at.subarray(8, 12).toString('latin1') === 'WEBP') {
    const kind = at.subarray(12, 16).toString('latin1');
    if (kind === 'VP8L') {
      const bits = at.readUInt32LE(21);
      return { format: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    if (kind === 'VP8 ') {
      return { format: 'webp', width: at.readUInt16LE(26) & 0x3fff, height: at.readUInt16LE(28) & 0x3fff };
    }
    return { format: 'webp', width: 1 + at.readUIntLE(24, 3), height: 1 + at.readUIntLE(27, 3) };
  }
  if (at[0] === 0xff && at[1] === 0xd8) {
    for (let i = 2; i < at.length; ) {
      const marker = at[i + 1];
      if (marker >= 0xc0 && marker <= 0xc3) {
        return { format: 'jpeg', width: at.readUInt16BE(i + 7), height: at.readUInt16BE(i + 5) };
      }
      i += 2 + at.readUInt16BE(i + 2);
    }
  }
  return { format: 'unknown', width: 0, height: 0 };
}

/** The bytes of a Blob or of a stream. */
export async function bytesOf(body) {
  if (body instanceof Blob) return Buffer.from(await body.arrayBuffer());
  const parts = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}
