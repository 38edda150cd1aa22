// tus-js-client: resumable uploads, cut and taken up again.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';

import * as tus from 'tus-js-client';

import { anonKey, bucket, bytesOf, client, fails, ok, serviceKey, url } from './support/project.mjs';
import { cutting } from './support/proxy.mjs';
import { folder, serve } from './support/server.mjs';

const MB = 1024 * 1024;
const { storage } = client();
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * Uploads as the documentation of Supabase says, and resolves with what was seen: every request's method, status and
 * `Upload-Offset`.
 */
function upload(file, { server = url, bucketName, objectName, meta = {}, signature, key = serviceKey, seen = [], ...more }) {
  return new Promise((resolve, reject) => {
    const task = new tus.Upload(file, {
      endpoint: `${server}/storage/v1/upload/resumable${signature ? '/sign' : ''}`,
      retryDelays: null,
      headers: signature ? { 'x-signature': signature } : { authorization: `Bearer ${key}`, 'x-upsert': 'false' },
      uploadDataDuringCreation: true,
      metadata: { bucketName, objectName, contentType: 'image/png', cacheControl: '3600', ...meta },
      chunkSize: 6 * MB,
      onAfterResponse: (request, response) => {
        const offset = response.getHeader('Upload-Offset');
        seen.push({
          method: request.getMethod(),
          url: request.getURL(),
          status: response.getStatus(),
          offset: offset === undefined ? undefined : Number(offset),
        });
      },
      onError: (error) => reject(Object.assign(error, { seen })),
      onSuccess: () => resolve({ task, seen }),
      ...more,
    });
    if (more.onTask) more.onTask(task);
    task.start();
  });
}

/** The status and the words of the answer that ended an upload. */
async function refused(promise) {
  const error = await promise.then(
    () => assert.fail('the upload was not refused'),
    (reason) => reason,
  );
  assert.ok(error.originalResponse, error.message);
  return [error.originalResponse.getStatus(), error.originalResponse.getBody()];
}

describe('tus-js-client', () => {
  test('a small upload is one request', async () => {
    const files = storage.from(await bucket());
    const body = randomBytes(1000);
    const metadata = JSON.stringify({ mine: 'ä' });
    const { seen } = await upload(body, { bucketName: files.bucketId, objectName: 'dir/a.png', meta: { metadata } });
    assert.deepEqual(seen.map((each) => [each.method, each.status, each.offset]), [['POST', 201, 1000]]);
    const info = ok(await files.info('dir/a.png'));
    assert.deepEqual(
      [info.size, info.contentType, info.cacheControl, info.metadata],
      [1000, 'image/png', 'max-age=3600', { mine: 'ä' }],
    );
    assert.deepEqual(await bytesOf(ok(await files.download('dir/a.png'))), body);
  });

  test('an upload in chunks, without data at creation', async () => {
    const files = storage.from(await bucket());
    const body = randomBytes(5 * MB + 17);
    const progress = [];
    const { seen } = await upload(body, {
      bucketName: files.bucketId,
      objectName: 'a',
      uploadDataDuringCreation: false,
      chunkSize: 2 * MB,
      onChunkComplete: (_, accepted) => progress.push(accepted),
    });
    assert.deepEqual(seen.map((each) => [each.method, each.status]), [
      ['POST', 201], ['PATCH', 204], ['PATCH', 204], ['PATCH', 204],
    ]);
    assert.deepEqual(progress, [2 * MB, 4 * MB, body.length]);
    assert.equal(sha256(await bytesOf(ok(await files.download('a')))), sha256(body));
  });

  test('an empty upload', async () => {
    const files = storage.from(await bucket());
    await upload(Buffer.alloc(0), { bucketName: files.bucketId, objectName: 'empty' });
    assert.equal(ok(await files.info('empty')).size, 0);
  });

  test('a stream whose length nobody knows yet', async () => {
    const files = storage.from(await bucket());
    const body = randomBytes(3 * MB + 1);
    const stream = new PassThrough();
    stream.end(body);
    await upload(stream, {
      bucketName: files.bucketId,
      objectName: 'deferred',
      uploadDataDuringCreation: false,
      uploadLengthDeferred: true,
      chunkSize: MB,
    });
    assert.equal(sha256(await bytesOf(ok(await files.download('deferred')))), sha256(body));
  });

  test('nothing is seen of an upload before it is whole', async () => {
    const files = storage.from(await bucket());
    let task;
    const paused = new Promise((done) => {
      upload(randomBytes(3 * MB), {
        bucketName: files.bucketId,
        objectName: 'a',
        chunkSize: MB,
        onTask: (it) => (task = it),
        onChunkComplete: async () => done(await task.abort()),
      });
    });
    await paused;
    fails(await files.info('a'), { statusCode: '404' });
    assert.deepEqual(ok(await files.listV2()).objects, []);
  });

  test('an upload is ended on request', async () => {
    const files = storage.from(await bucket());
    let task;
    await new Promise((done) => {
      upload(randomBytes(3 * MB), {
        bucketName: files.bucketId,
        objectName: 'a',
        chunkSize: MB,
        onTask: (it) => (task = it),
        onChunkComplete: async () => done(await task.abort(true)),
      });
    });
    const head = await fetch(task.url, {
      method: 'HEAD',
      headers: { authorization: `Bearer ${serviceKey}`, 'tus-resumable': '1.0.0' },
    });
    assert.equal(head.status, 404);
  });

  test('a key that exists is kept unless x-upsert says otherwise', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'before'));
    const to = { bucketName: files.bucketId, objectName: 'a' };
    assert.deepEqual(await refused(upload(Buffer.from('after'), to)), [409, 'The resource already exists']);
    await upload(Buffer.from('after'), { ...to, headers: { authorization: `Bearer ${serviceKey}`, 'x-upsert': 'true' } });
    assert.equal(await ok(await files.download('a')).text(), 'after');
  });

  test('what may not be uploaded is refused before a byte is sent', async () => {
    const id = await bucket({ public: false, fileSizeLimit: 1000, allowedMimeTypes: ['image/*'] });
    const to = { bucketName: id, objectName: 'a' };
    const [size, words] = await refused(upload(randomBytes(1001), to));
    assert.deepEqual([size, words.trim()], [413, 'Maximum size exceeded']);
    assert.deepEqual(await refused(upload(Buffer.from('x'), { ...to, meta: { contentType: 'text/plain' } })), [
      415, 'mime type text/plain is not supported',
    ]);
    assert.deepEqual(await refused(upload(Buffer.from('x'), { ...to, objectName: '図' })), [400, 'Invalid key: 図']);
    assert.deepEqual(await refused(upload(Buffer.from('x'), { ...to, bucketName: 'no-such-bucket' })), [
      404, 'Bucket not found',
    ]);
    assert.deepEqual(await refused(upload(Buffer.from('x'), { ...to, key: anonKey })), [
      403, 'new row violates row-level security policy',
    ]);
  });

  test('a signed upload needs no key', async () => {
    const files = storage.from(await bucket());
    const { token } = ok(await files.createSignedUploadUrl('signed'));
    const body = randomBytes(2 * MB);
    await upload(body, { bucketName: files.bucketId, objectName: 'signed', signature: token, chunkSize: MB });
    assert.equal(sha256(await bytesOf(ok(await files.download('signed')))), sha256(body));
  });

  for (const [how, cut] of [
    ['within a request', { after: 1.5 * MB, times: 3 }],
    ['when the answer comes', { after: MB, times: 2, replies: true }],
  ]) {
    test(`an upload that is cut ${how} goes on where it was`, async (t) => {
      const files = storage.from(await bucket());
      const proxy = await cutting(t, url, cut);
      const body = randomBytes(8 * MB);
      const { seen } = await upload(body, {
        server: proxy.url,
        bucketName: files.bucketId,
        objectName: 'cut',
        uploadDataDuringCreation: false,
        chunkSize: cut.replies ? MB : Infinity,
        retryDelays: [0, 50, 100, 200, 400, 800],
      });
      assert.equal(proxy.cuts(), cut.times);
      // The answer names the host that was asked, not the one behind the proxy.
      for (const each of seen) assert.ok(each.url.startsWith(`${proxy.url}/`), each.url);
      const heads = seen.filter((each) => each.method === 'HEAD').map((each) => each.offset);
      assert.ok(heads.length >= cut.times, JSON.stringify(seen));
      assert.ok(heads.at(-1) > 0, `nothing was kept: ${heads}`);
      assert.deepEqual(heads, heads.toSorted((a, b) => a - b));
      assert.equal(sha256(await bytesOf(ok(await files.download('cut')))), sha256(body));
    });
  }

  test('an upload goes on in another process of the client', async (t) => {
    const files = storage.from(await bucket());
    const path = join(await folder(t), 'uploads.json');
    const body = randomBytes(4 * MB);
    const to = {
      bucketName: files.bucketId,
      objectName: 'later',
      chunkSize: MB,
      urlStorage: new tus.FileUrlStorage(path),
      fingerprint: async () => 'later',
    };
    let task;
    await new Promise((done) => {
      upload(body, { ...to, onTask: (it) => (task = it), onChunkComplete: async () => done(await task.abort()) });
    });
    const fresh = new tus.Upload(body, { ...task.options, urlStorage: new tus.FileUrlStorage(path) });
    const [previous] = await fresh.findPreviousUploads();
    const seen = [];
    await new Promise((done, reject) => {
      Object.assign(fresh.options, {
        onChunkComplete: null,
        onSuccess: done,
        onError: reject,
        onAfterResponse: (request) => seen.push(request.getMethod()),
      });
      fresh.resumeFromPreviousUpload(previous);
      fresh.start();
    });
    assert.equal(seen[0], 'HEAD');
    assert.ok(!seen.includes('POST'), seen.join());
    assert.equal(sha256(await bytesOf(ok(await files.download('later')))), sha256(body));
  });

  test('an upload outlives a server that is killed', async (t) => {
    const data = await folder(t);
    let server = await serve(t, { data });
    const { port } = server;
    const project = client(server.serviceKey, { server: server.url });
    const files = project.storage.from(await bucket({ public: false }, project));
    const body = randomBytes(12 * MB);
    let acknowledged = 0;
    let kills = 0;
    const { seen } = await upload(body, {
      server: server.url,
      key: server.serviceKey,
      bucketName: files.bucketId,
      objectName: 'survivor',
      chunkSize: MB,
      retryDelays: [100, 200, 500, 1000, 2000, 3000, 3000, 3000],
      onChunkComplete: async (_, accepted) => {
        acknowledged = accepted;
        if (accepted < (kills + 1) * 4 * MB || kills === 2) return;
        kills += 1;
        await server.kill();
        server = await serve(t, { data, port });
      },
    });
    assert.equal(kills, 2);
    assert.equal(acknowledged, body.length);
    const heads = seen.filter((each) => each.method === 'HEAD');
    assert.ok(heads.length >= 2, JSON.stringify(seen));
    // Each HEAD after a kill knows at least what had been acknowledged before it.
    let known = 0;
    for (const each of seen) {
      if (each.method === 'HEAD') assert.ok(each.offset >= known, JSON.stringify(seen));
      known = Math.max(known, each.offset ?? 0);
    }
    assert.equal(sha256(await bytesOf(ok(await files.download('survivor')))), sha256(body));
    assert.equal(ok(await files.info('survivor')).size, body.length);
  });
});
