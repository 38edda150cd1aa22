// A server in Node that does the same durable work as ours for an upload: the key checked by its signature, the body
// streamed to a temporary file while its MD5 is computed, fsync, rename, fsync of the folder, a row in a SQLite database with a
// write-ahead log and synchronous=FULL. And downloads streamed from the file. Nothing else: no framework, no limits, no
// policies, so the comparison is in its favour.
//
//   node node-server.mjs FOLDER        prints {"url", "service_key"} as `serve --json` does

import { createHash, createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { createReadStream, mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

import Database from 'better-sqlite3';

const SECRET = 'super-secret-jwt-token-with-at-least-32-characters-long';
const folder = process.argv[2];
mkdirSync(join(folder, 'objects'), { recursive: true });
mkdirSync(join(folder, 'tmp'), { recursive: true });

const database = new Database(join(folder, 'project.sqlite3'));
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.exec(`
  CREATE TABLE IF NOT EXISTS buckets (id TEXT PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS objects (
    id TEXT PRIMARY KEY, bucket_id TEXT NOT NULL, name TEXT NOT NULL, blob TEXT NOT NULL, size INTEGER NOT NULL,
    etag TEXT NOT NULL, mimetype TEXT NOT NULL, cache_control TEXT NOT NULL, updated_at INTEGER NOT NULL,
    UNIQUE (bucket_id, name)
  );
`);
const put = database.prepare(`
  INSERT INTO objects (id, bucket_id, name, blob, size, etag, mimetype, cache_control, updated_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (bucket_id, name) DO UPDATE SET blob = excluded.blob, size = excluded.size, etag = excluded.etag,
    mimetype = excluded.mimetype, cache_control = excluded.cache_control, updated_at = excluded.updated_at
  RETURNING id
`);
const find = database.prepare('SELECT * FROM objects WHERE bucket_id = ? AND name = ?');
const findBucket = database.prepare('SELECT id FROM buckets WHERE id = ?');
const putBucket = database.prepare('INSERT OR IGNORE INTO buckets (id) VALUES (?)');

const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
const signature = (text) => createHmac('sha256', SECRET).update(text).digest();
const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ role: 'service_role', exp: 1983812996 })}`;
const serviceKey = `${head}.${signature(head).toString('base64url')}`;

function allowed(request) {
  const token = request.headers.authorization?.slice('Bearer '.length) ?? '';
  const at = token.lastIndexOf('.');
  const given = Buffer.from(token.slice(at + 1), 'base64url');
  const right = signature(token.slice(0, Math.max(at, 0)));
  if (given.length !== right.length || !timingSafeEqual(given, right)) return false;
  const claims = JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
  return claims.exp > Date.now() / 1000 && claims.role === 'service_role';
}

function answer(response, status, body) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

const refuse = (response, statusCode, error, code, message) =>
  answer(response, 400, { statusCode, error, message, code });

async function sync(path) {
  const handle = await open(path, 'r');
  await handle.sync();
  await handle.close();
}

async function upload(request, response, bucket, key) {
  if (!findBucket.get(bucket)) return refuse(response, '404', 'Bucket not found', 'NoSuchBucket', 'Bucket not found');
  const blob = randomUUID();
  const arriving = join(folder, 'tmp', blob);
  const hash = createHash('md5');
  const file = await open(arriving, 'wx');
  let size = 0;
  for await (const part of request) {
    size += part.length;
    hash.update(part);
    await file.write(part);
  }
  await file.sync();
  await file.close();
  await rename(arriving, join(folder, 'objects', blob));
  await sync(join(folder, 'objects'));
  const { id } = put.get(
    randomUUID(), bucket, key, blob, size, `"${hash.digest('hex')}"`,
    request.headers['content-type'] ?? 'application/octet-stream', request.headers['cache-control'] ?? 'no-cache', Date.now(),
  );
  return answer(response, 200, { Key: `${bucket}/${key}`, Id: id });
}

async function download(response, bucket, key) {
  const row = find.get(bucket, key);
  if (!row) return refuse(response, '404', 'not_found', 'NoSuchKey', 'Object not found');
  response.writeHead(200, {
    'content-type': row.mimetype,
    'content-length': row.size,
    'cache-control': row.cache_control,
    etag: row.etag,
    'accept-ranges': 'bytes',
    'last-modified': new Date(row.updated_at).toUTCString(),
  });
  return pipeline(createReadStream(join(folder, 'objects', row.blob)), response);
}

async function serve(request, response) {
  if (!allowed(request)) return refuse(response, '403', 'Unauthorized', 'AccessDenied', 'Invalid Compact JWS');
  const path = request.url.split('?')[0].replace('/storage/v1/', '');
  const [root, ...rest] = path.split('/').map(decodeURIComponent);
  if (root === 'bucket' && request.method === 'POST') {
    let text = '';
    for await (const part of request) text += part;
    const { name } = JSON.parse(text);
    putBucket.run(name);
    return answer(response, 200, { name });
  }
  if (root === 'bucket') {
    if (!findBucket.get(rest[0])) return refuse(response, '404', 'Bucket not found', 'NoSuchBucket', 'Bucket not found');
    return answer(response, 200, { id: rest[0], name: rest[0], public: false });
  }
  if (root === 'object') {
    if (rest[0] === 'authenticated') rest.shift();
    const [bucket, ...key] = rest;
    if (request.method === 'GET') return download(response, bucket, key.join('/'));
    return upload(request, response, bucket, key.join('/'));
  }
  return answer(response, 404, { statusCode: '404', error: 'Not Found', message: 'no such route', code: 'InvalidRequest' });
}

const server = createServer((request, response) => {
  serve(request, response).catch((error) => {
    if (response.headersSent) response.destroy(error);
    else answer(response, 500, { statusCode: '500', error: 'Internal', message: String(error), code: 'InternalError' });
  });
});
server.listen(0, '127.0.0.1', () => {
  console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}`, service_key: serviceKey }));
});
process.on('SIGTERM', () => process.exit(0));
