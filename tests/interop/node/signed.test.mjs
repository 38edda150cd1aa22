// storage-js: signed URLs, for downloads and for uploads.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';

import { BODIES, wordBytes } from './support/bodies.mjs';
import { anonKey, bucket, client, fails, ok, picture, png } from './support/project.mjs';

const { storage } = client();
// The signed URL is all that its bearer has.
const anon = client(anonKey).storage;
const missing = { status: 400, statusCode: '404', message: 'Object not found' };
const exists = { status: 400, statusCode: '409', message: 'The resource already exists' };

const later = (ms) => new Promise((done) => setTimeout(done, ms));

/** A private bucket with one text, `dir/a b.txt`. */
async function stocked() {
  const files = storage.from(await bucket());
  ok(await files.upload('dir/a b.txt', 'words', { contentType: 'text/plain' }));
  return files;
}

describe('createSignedUrl', () => {
  test('createSignedUrl leads to a private object', async () => {
    const files = await stocked();
    const { signedUrl } = ok(await files.createSignedUrl('dir/a b.txt', 60));
    const reply = await fetch(signedUrl);
    assert.equal(await reply.text(), 'words');
    assert.equal(reply.headers.get('content-disposition'), null);
    assert.ok(Date.parse(reply.headers.get('expires')) > Date.now());
    const claims = JSON.parse(Buffer.from(new URL(signedUrl).searchParams.get('token').split('.')[1], 'base64url'));
    assert.equal(claims.url, `${files.bucketId}/dir/a b.txt`);
    assert.equal(claims.exp - claims.iat, 60);
  });

  test('createSignedUrl to download under a name, and with a nonce', async () => {
    const files = await stocked();
    const disposition = async (options) => {
      const reply = await fetch(ok(await files.createSignedUrl('dir/a b.txt', 60, options)).signedUrl);
      assert.equal(await reply.text(), 'words');
      return reply.headers.get('content-disposition');
    };
    assert.equal(await disposition({ download: true }), 'attachment;');
    assert.equal(await disposition({ download: 'tale.txt' }), "attachment; filename=tale.txt; filename*=UTF-8''tale.txt");
    assert.equal(await disposition({ cacheNonce: '7' }), null);
  });

  test('createSignedUrl with every transformation', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a.png', png(120, 80), { contentType: 'image/png' }));
    const transform = { width: 30, height: 30, resize: 'cover', quality: 60, format: 'origin' };
    const { signedUrl } = ok(await files.createSignedUrl('a.png', 60, { transform }));
    assert.match(signedUrl, /\/storage\/v1\/render\/image\/sign\//);
    const reply = await fetch(signedUrl);
    assert.equal(reply.status, 200);
    assert.deepEqual(picture(await reply.arrayBuffer()), { format: 'png', width: 30, height: 30 });
    // The token is for this picture so changed, and for nothing else.
    const plain = await fetch(signedUrl.replace('/render/image/sign/', '/object/sign/').replace('a.png', 'b.png'));
    assert.equal(plain.status, 400);
  });

  test('createSignedUrl ends when it said it would', async () => {
    const files = await stocked();
    const { signedUrl } = ok(await files.createSignedUrl('dir/a b.txt', 1));
    await later(2_100);
    const reply = await fetch(signedUrl);
    assert.equal(reply.status, 400);
    assert.deepEqual(await reply.json(), {
      statusCode: '400',
      error: 'InvalidJWT',
      message: '"exp" claim timestamp check failed',
      code: 'InvalidJWT',
    });
  });

  test('createSignedUrl signs nothing that is not there, and for no time', async () => {
    const files = await stocked();
    fails(await files.createSignedUrl('nope', 60), missing);
    fails(await files.createSignedUrl('dir/a b.txt', 0), {
      status: 400,
      statusCode: '400',
      message: 'body/expiresIn must be >= 1',
    });
    fails(await anon.from(files.bucketId).createSignedUrl('dir/a b.txt', 60), missing);
  });

  test('a token is for one key', async () => {
    const files = await stocked();
    ok(await files.upload('b', 'other words'));
    const { signedUrl } = ok(await files.createSignedUrl('b', 60));
    const reply = await fetch(signedUrl.replace('/b?', '/dir/a%20b.txt?'));
    assert.equal(reply.status, 400);
    assert.equal((await reply.json()).error, 'InvalidSignature');
  });
});

describe('createSignedUrls', () => {
  test('createSignedUrls answers for each path', async () => {
    const files = await stocked();
    const rows = ok(await files.createSignedUrls(['dir/a b.txt', 'nope'], 60));
    assert.deepEqual(rows.map((row) => [row.path, row.error]), [
      ['dir/a b.txt', null],
      ['nope', 'Either the object does not exist or you do not have access to it'],
    ]);
    assert.equal(await (await fetch(rows[0].signedUrl)).text(), 'words');
    assert.equal(rows[1].signedUrl, null);
  });

  test('createSignedUrls to download, and with a nonce', async () => {
    const files = await stocked();
    const [row] = ok(await files.createSignedUrls(['dir/a b.txt'], 60, { download: 'x.txt', cacheNonce: '1' }));
    const reply = await fetch(row.signedUrl);
    assert.match(reply.headers.get('content-disposition'), /^attachment; filename=x\.txt/);
    const [plain] = ok(await files.createSignedUrls(['dir/a b.txt'], 60, { download: true }));
    assert.equal((await fetch(plain.signedUrl)).headers.get('content-disposition'), 'attachment;');
  });

  test('createSignedUrls in a missing bucket', async () => {
    const [row] = ok(await storage.from('no-such-bucket').createSignedUrls(['a'], 60));
    assert.equal(row.signedUrl, null);
    assert.match(row.error, /does not exist/);
  });

  test('createSignedUrls signs keys with every legal sign', async () => {
    const files = storage.from(await bucket());
    const keys = [..."_!-.*'() &$@=;:+,"].map((sign) => `s/a${sign}b.txt`);
    for (const key of keys) ok(await files.upload(key, key));
    for (const row of ok(await files.createSignedUrls(keys, 60))) {
      assert.equal(await (await fetch(row.signedUrl)).text(), row.path);
    }
  });
});

describe('createSignedUploadUrl and uploadToSignedUrl', () => {
  for (const [kind, body] of Object.entries(BODIES)) {
    test(`uploadToSignedUrl of a ${kind}`, async () => {
      const files = storage.from(await bucket());
      const { signedUrl, token, path } = ok(await files.createSignedUploadUrl('dir/a'));
      assert.equal(path, 'dir/a');
      assert.ok(signedUrl.includes(token));
      const options = { contentType: 'text/plain', cacheControl: '5', metadata: { mine: 'ä' } };
      const data = ok(await anon.from(files.bucketId).uploadToSignedUrl(path, token, body(), options));
      assert.deepEqual(data, { path: 'dir/a', fullPath: `${files.bucketId}/dir/a` });
      const info = ok(await files.info('dir/a'));
      assert.deepEqual([info.size, info.contentType, info.cacheControl, info.metadata], [
        wordBytes.length, 'text/plain', 'max-age=5', { mine: 'ä' },
      ]);
    });
  }

  test('a signed upload happens once', async () => {
    const files = storage.from(await bucket());
    const { token } = ok(await files.createSignedUploadUrl('a'));
    ok(await anon.from(files.bucketId).uploadToSignedUrl('a', token, 'one'));
    fails(await anon.from(files.bucketId).uploadToSignedUrl('a', token, 'two'), exists);
    // The token decides, not the caller.
    fails(await anon.from(files.bucketId).uploadToSignedUrl('a', token, 'two', { upsert: true }), exists);
    assert.equal(await ok(await files.download('a')).text(), 'one');
  });

  test('createSignedUploadUrl with upsert replaces', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'one'));
    fails(await files.createSignedUploadUrl('a'), exists);
    const { token } = ok(await files.createSignedUploadUrl('a', { upsert: true }));
    ok(await anon.from(files.bucketId).uploadToSignedUrl('a', token, 'two'));
    assert.equal(await ok(await files.download('a')).text(), 'two');
  });

  test('uploadToSignedUrl refuses another key and a broken token', async () => {
    const files = storage.from(await bucket());
    const { token } = ok(await files.createSignedUploadUrl('a'));
    fails(await anon.from(files.bucketId).uploadToSignedUrl('b', token, 'words'), {
      status: 400,
      statusCode: '400',
      message: /[Ii]nvalid [Ss]ignature/,
    });
    fails(await anon.from(files.bucketId).uploadToSignedUrl('a', 'broken', 'words'), {
      status: 400,
      statusCode: '400',
      message: 'Invalid Compact JWS',
    });
    assert.equal((await files.exists('a')).data, false);
    assert.equal((await files.exists('b')).data, false);
  });

  test('the anon key signs no upload', async () => {
    const id = await bucket();
    fails(await anon.from(id).createSignedUploadUrl('a'), {
      status: 400,
      statusCode: '403',
      message: 'new row violates row-level security policy',
    });
  });
});
