// storage-js: buckets.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';

import { anonKey, bucket, client, fails, ok } from './support/project.mjs';

const { storage } = client();
const anon = client(anonKey).storage;

const missing = { status: 400, statusCode: '404', message: 'Bucket not found' };
const denied = { status: 400, statusCode: '403', message: 'new row violates row-level security policy' };

test('createBucket answers with the name', async () => {
  const id = `interop-${randomUUID()}`;
  assert.deepEqual(ok(await storage.createBucket(id)), { name: id });
  assert.equal(ok(await storage.getBucket(id)).public, false);
});

test('createBucket keeps every option, and getBucket shows them', async () => {
  const options = { public: true, fileSizeLimit: 1234, allowedMimeTypes: ['image/png', 'image/*'], type: 'STANDARD' };
  const id = await bucket(options);
  const found = ok(await storage.getBucket(id));
  assert.equal(found.id, id);
  assert.equal(found.name, id);
  assert.equal(found.owner, '');
  assert.equal(found.public, true);
  assert.equal(found.file_size_limit, 1234);
  assert.deepEqual(found.allowed_mime_types, ['image/png', 'image/*']);
  assert.ok(Date.parse(found.created_at) > 0 && Date.parse(found.updated_at) > 0);
});

test('createBucket reads a size limit in words', async () => {
  const id = await bucket({ public: false, fileSizeLimit: '2MB' });
  assert.equal(ok(await storage.getBucket(id)).file_size_limit, 2_000_000);
});

test('createBucket refuses a name twice, a bad name, a bad limit and a bad type', async () => {
  const id = await bucket();
  fails(await storage.createBucket(id), { status: 400, statusCode: '409', message: 'The resource already exists' });
  fails(await storage.createBucket('a/b'), { status: 400, statusCode: '400', message: 'Bucket name invalid' });
  fails(await storage.createBucket('x', { public: false, fileSizeLimit: 'lots' }), {
    status: 400,
    statusCode: '400',
    message: /file_size_limit/,
  });
  fails(await storage.createBucket('x', { public: false, fileSizeLimit: '900GB' }), {
    status: 400,
    statusCode: '413',
    message: 'The object exceeded the maximum allowed size',
  });
  fails(await storage.createBucket('x', { public: false, allowedMimeTypes: ['png'] }), {
    status: 400,
    statusCode: '415',
    message: 'mime type png is not supported',
  });
});

test('the anon key makes no bucket and sees none', async () => {
  fails(await anon.createBucket(`interop-${randomUUID()}`), denied);
  const id = await bucket();
  fails(await anon.getBucket(id), missing);
  assert.deepEqual(ok(await anon.listBuckets()), []);
});

test('getBucket of a missing bucket', async () => {
  const error = fails(await storage.getBucket('no-such-bucket'), missing);
  assert.equal(error.name, 'StorageApiError');
});

test('listBuckets shows all, with their kind', async () => {
  const id = await bucket({ public: true });
  const found = ok(await storage.listBuckets()).find((each) => each.id === id);
  assert.equal(found.type, 'STANDARD');
  assert.equal(found.public, true);
});

test('listBuckets searches, sorts and pages', async () => {
  const word = randomUUID();
  for (const letter of ['b', 'c', 'a']) ok(await storage.createBucket(`${letter}-${word}`));
  const names = async (options) =>
    ok(await storage.listBuckets({ search: word, ...options })).map((each) => each.name[0]).join('');
  assert.equal(await names({ sortColumn: 'name', sortOrder: 'asc' }), 'abc');
  assert.equal(await names({ sortColumn: 'name', sortOrder: 'desc' }), 'cba');
  assert.equal(await names({ sortColumn: 'created_at', sortOrder: 'asc' }), 'bca');
  assert.equal(await names({ sortColumn: 'id', sortOrder: 'asc', limit: 2 }), 'ab');
  assert.equal(await names({ sortColumn: 'updated_at', sortOrder: 'asc', limit: 2, offset: 2 }), 'a');
  assert.equal(await names({ search: `B-${word}` }), 'b');
  fails(await storage.listBuckets({ sortColumn: 'nope' }), {
    status: 400,
    statusCode: '400',
    message: 'querystring/sortColumn must be equal to one of the allowed values',
  });
});

test('updateBucket changes what is given and clears what is null', async () => {
  const id = await bucket();
  const updated = { message: 'Successfully updated' };
  assert.deepEqual(
    ok(await storage.updateBucket(id, { public: true, fileSizeLimit: 2048, allowedMimeTypes: ['image/png'] })),
    updated,
  );
  let found = ok(await storage.getBucket(id));
  assert.deepEqual([found.public, found.file_size_limit, found.allowed_mime_types], [true, 2048, ['image/png']]);
  assert.deepEqual(ok(await storage.updateBucket(id, { public: true })), updated);
  found = ok(await storage.getBucket(id));
  assert.deepEqual([found.file_size_limit, found.allowed_mime_types], [2048, ['image/png']]);
  ok(await storage.updateBucket(id, { public: false, fileSizeLimit: null, allowedMimeTypes: null }));
  found = ok(await storage.getBucket(id));
  assert.deepEqual([found.public, found.file_size_limit, found.allowed_mime_types], [false, null, null]);
  fails(await storage.updateBucket('no-such-bucket', { public: true }), missing);
});

test('a bucket that is no longer public serves nothing without a key', async () => {
  const id = await bucket({ public: true });
  ok(await storage.from(id).upload('a.txt', 'words'));
  const address = storage.from(id).getPublicUrl('a.txt').data.publicUrl;
  assert.equal(await (await fetch(address)).text(), 'words');
  ok(await storage.updateBucket(id, { public: false }));
  const refused = await fetch(address);
  assert.equal(refused.status, 400);
  assert.equal((await refused.json()).code, 'NoSuchBucket');
});

test('a bucket refuses what is too large or of another type', async () => {
  const id = await bucket({ public: false, fileSizeLimit: 10, allowedMimeTypes: ['image/*'] });
  const files = storage.from(id);
  ok(await files.upload('small.gif', Buffer.alloc(10), { contentType: 'image/gif' }));
  fails(await files.upload('large.gif', Buffer.alloc(11), { contentType: 'image/gif' }), {
    status: 400,
    statusCode: '413',
    message: 'The object exceeded the maximum allowed size',
  });
  fails(await files.upload('a.txt', 'words', { contentType: 'text/plain' }), {
    status: 400,
    statusCode: '415',
    message: 'mime type text/plain is not supported',
  });
  // What storage-js sends unless told otherwise carries a charset, and the comparison is exact.
  fails(await files.upload('b.txt', 'words'), {
    status: 400,
    statusCode: '415',
    message: 'mime type text/plain;charset=UTF-8 is not supported',
  });
});

test('emptyBucket removes all objects, and deleteBucket then the bucket', async () => {
  const id = await bucket();
  for (const key of ['a.txt', 'b/c.txt']) ok(await storage.from(id).upload(key, 'words'));
  fails(await storage.deleteBucket(id), {
    status: 400,
    statusCode: '409',
    message: 'The bucket you tried to delete is not empty',
  });
  assert.deepEqual(ok(await storage.emptyBucket(id)), {
    message: 'Empty bucket has been queued. Completion may take up to an hour.',
  });
  for (let tries = 0; tries < 100; tries += 1) {
    if (ok(await storage.from(id).listV2()).objects.length === 0) break;
    await new Promise((done) => setTimeout(done, 50));
  }
  assert.deepEqual(ok(await storage.from(id).listV2()).objects, []);
  assert.deepEqual(ok(await storage.deleteBucket(id)), { message: 'Successfully deleted' });
  fails(await storage.getBucket(id), missing);
  fails(await storage.deleteBucket(id), missing);
  fails(await storage.emptyBucket(id), missing);
});

test('the anon key changes no bucket', async () => {
  const id = await bucket();
  ok(await storage.from(id).upload('a.txt', 'words'));
  fails(await anon.emptyBucket(id), { status: 403, statusCode: '403' });
  assert.notEqual((await anon.updateBucket(id, { public: true })).error, null);
  assert.notEqual((await anon.deleteBucket(id)).error, null);
  assert.equal(ok(await storage.getBucket(id)).public, false);
  assert.equal(ok(await storage.from(id).exists('a.txt')), true);
});

test('purgeBucketCache answers as a project without a CDN does', async () => {
  const id = await bucket();
  const expected = {
    status: 400,
    statusCode: '400',
    message: 'Missing Required Parameter CDN_PURGE_ENDPOINT_URL is not set',
  };
  fails(await storage.purgeBucketCache(id), expected);
  fails(await storage.purgeBucketCache(id, { transformations: true }), expected);
  fails(await anon.purgeBucketCache(id), { status: 403, statusCode: '403' });
});

test('purgeBucketCache heeds a signal', async () => {
  const error = fails(await storage.purgeBucketCache('any', {}, { signal: AbortSignal.abort() }), {});
  assert.match(error.message, /abort/i);
});

test('throwOnError throws what is returned otherwise', async () => {
  const thrower = client().storage.throwOnError();
  await assert.rejects(thrower.getBucket('no-such-bucket'), { name: 'StorageApiError', statusCode: '404' });
});

test('setHeader sends a header of the caller', async () => {
  const other = client().storage.setHeader('authorization', 'Bearer nonsense');
  fails(await other.listBuckets(), { status: 400, statusCode: '403', message: 'Invalid Compact JWS' });
});
