// storage-js: objects.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';

import { BODIES, wordBytes } from './support/bodies.mjs';
import { anonKey, bucket, bytesOf, client, fails, isUuid, ok } from './support/project.mjs';

const { storage } = client();
const missing = { status: 400, statusCode: '404', message: 'Object not found' };
const exists = { status: 400, statusCode: '409', message: 'The resource already exists' };

describe('upload', () => {
  for (const [kind, body] of Object.entries(BODIES)) {
    test(`upload of a ${kind}`, async () => {
      const files = storage.from(await bucket());
      const data = ok(await files.upload('dir/tale.txt', body(), { contentType: 'text/plain' }));
      isUuid(data.id);
      assert.equal(data.path, 'dir/tale.txt');
      assert.equal(data.fullPath, `${files.bucketId}/dir/tale.txt`);
      assert.deepEqual(await bytesOf(ok(await files.download('dir/tale.txt'))), wordBytes);
      const info = ok(await files.info('dir/tale.txt'));
      assert.equal(info.contentType, 'text/plain');
      assert.equal(info.cacheControl, 'max-age=3600');
      assert.equal(info.size, wordBytes.length);
    });
  }

  test('upload of URLSearchParams', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('form', new URLSearchParams({ a: '1 2' }), { contentType: 'application/x-www-form-urlencoded' }));
    assert.equal(await ok(await files.download('form')).text(), 'a=1+2');
  });

  test('upload of nothing', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('empty', Buffer.alloc(0)));
    assert.equal(ok(await files.download('empty')).size, 0);
    assert.equal(ok(await files.info('empty')).size, 0);
  });

  test('upload of 20 MB through a stream, whole', async () => {
    const files = storage.from(await bucket());
    const part = Buffer.alloc(1024 * 1024, 'story');
    const hash = createHash('sha256');
    async function* parts() {
      for (let i = 0; i < 20; i += 1) {
        hash.update(part);
        yield part;
      }
    }
    ok(await files.upload('large', Readable.from(parts()), { duplex: 'half', contentType: 'video/mp4' }));
    const back = createHash('sha256');
    for await (const piece of ok(await files.download('large').asStream())) back.update(piece);
    assert.equal(back.digest('hex'), hash.digest('hex'));
  });

  test('upload without options has the defaults of storage-js', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'words'));
    const info = ok(await files.info('a'));
    assert.equal(info.contentType, 'text/plain;charset=UTF-8');
    assert.equal(info.cacheControl, 'max-age=3600');
    assert.deepEqual(info.metadata, {});
  });

  for (const kind of ['string', 'Blob', 'FormData']) {
    test(`upload of a ${kind} keeps cacheControl and metadata`, async () => {
      const files = storage.from(await bucket());
      const metadata = { storyId: 'äö 図', nested: { n: [1, null, true] } };
      ok(await files.upload('a', BODIES[kind](), { cacheControl: '60', metadata, contentType: 'text/plain' }));
      const info = ok(await files.info('a'));
      assert.equal(info.cacheControl, 'max-age=60');
      assert.deepEqual(info.metadata, metadata);
    });
  }

  test('upload twice needs upsert', async () => {
    const files = storage.from(await bucket());
    const first = ok(await files.upload('a', 'one', { upsert: false }));
    const error = fails(await files.upload('a', 'two'), exists);
    assert.deepEqual(error.toJSON(), { name: 'StorageApiError', ...exists });
    const second = ok(await files.upload('a', 'two', { upsert: true }));
    assert.equal(second.id, first.id);
    assert.equal(await ok(await files.download('a')).text(), 'two');
  });

  test('upload sends headers of the caller', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'one', { headers: { 'cache-control': 'no-store', 'x-upsert': 'true' } }));
    assert.equal(ok(await files.info('a')).cacheControl, 'no-store');
    ok(await files.upload('a', 'two', { headers: { 'x-upsert': 'true' } }));
  });

  test('upload drops empty folders of a path, as storage-js does', async () => {
    const files = storage.from(await bucket());
    assert.equal(ok(await files.upload('/a//b/', 'words')).path, 'a/b');
    assert.equal(ok(await files.exists('a/b')), true);
  });

  test('upload and download of every legal character but the question mark', async () => {
    const files = storage.from(await bucket());
    for (const sign of "_!-.*'() &$@=;:+,aZ9") {
      const key = `keys/a${sign}b${sign}.txt`;
      ok(await files.upload(key, sign));
      assert.equal(await ok(await files.download(key)).text(), sign);
      assert.equal(ok(await files.info(key)).name, key);
    }
  });

  test('upload refuses what is no key', async () => {
    const files = storage.from(await bucket());
    for (const key of ['図.png', 'a[b].png', 'a~b.png', 'a|b.png', 'a{b}.png']) {
      fails(await files.upload(key, 'words'), { status: 400, statusCode: '400', message: `Invalid key: ${key}` });
    }
  });

  test('upload to a missing bucket, and with the anon key', async () => {
    fails(await storage.from('no-such-bucket').upload('a', 'words'), {
      status: 400,
      statusCode: '404',
      message: 'Bucket not found',
    });
    const id = await bucket({ public: true });
    fails(await client(anonKey).storage.from(id).upload('a', 'words'), {
      status: 400,
      statusCode: '403',
      message: 'new row violates row-level security policy',
    });
  });

  test('sixteen uploads of one key at once leave one whole object', async () => {
    const files = storage.from(await bucket());
    const bodies = Array.from({ length: 16 }, (_, i) => String.fromCharCode(97 + i).repeat(10_000));
    const answers = await Promise.all(bodies.map((body) => files.upload('a', body)));
    assert.equal(answers.filter((answer) => answer.error === null).length, 1);
    for (const answer of answers.filter((each) => each.error)) fails(answer, exists);
    assert.equal(await ok(await files.download('a')).text(), bodies[answers.findIndex((each) => !each.error)]);
  });
});

describe('update', () => {
  for (const [kind, body] of Object.entries(BODIES)) {
    test(`update with a ${kind}`, async () => {
      const files = storage.from(await bucket());
      const before = ok(await files.upload('a', 'before'));
      const after = ok(await files.update('a', body(), { contentType: 'text/plain', cacheControl: '7' }));
      assert.equal(after.id, before.id);
      assert.deepEqual(await bytesOf(ok(await files.download('a'))), wordBytes);
      assert.equal(ok(await files.info('a')).cacheControl, 'max-age=7');
    });
  }

  test('update without metadata forgets what there was', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'one', { metadata: { kept: 'no' } }));
    ok(await files.update('a', 'two'));
    assert.deepEqual(ok(await files.info('a')).metadata, {});
    ok(await files.update('a', 'three', { metadata: { again: 1 } }));
    assert.deepEqual(ok(await files.info('a')).metadata, { again: 1 });
  });

  test('update of a missing object makes it', async () => {
    const files = storage.from(await bucket());
    ok(await files.update('a', 'words'));
    assert.equal(ok(await files.exists('a')), true);
  });
});

describe('download', () => {
  test('download gives a Blob of the stored type', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a.png', wordBytes, { contentType: 'image/png' }));
    const blob = ok(await files.download('a.png'));
    assert.equal(blob.type, 'image/png');
    assert.equal(blob.size, wordBytes.length);
  });

  test('download asStream gives the bytes as they come', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', wordBytes));
    const stream = ok(await files.download('a').asStream());
    assert.ok(stream instanceof ReadableStream);
    assert.deepEqual(await bytesOf(stream), wordBytes);
    fails(await files.download('b').asStream(), missing);
  });

  test('download with a cache nonce and with a signal', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'words'));
    assert.equal(await ok(await files.download('a', { cacheNonce: 'v 2' })).text(), 'words');
    const error = fails(await files.download('a', {}, { signal: AbortSignal.abort() }), {});
    assert.equal(error.name, 'StorageUnknownError');
  });

  test('download of what is not there', async () => {
    const files = storage.from(await bucket());
    fails(await files.download('a'), missing);
    fails(await storage.from('no-such-bucket').download('a'), missing);
  });

  test('download is a promise in every way', async () => {
    const files = storage.from(await bucket());
    let settled = 0;
    await files.download('a').finally(() => (settled += 1));
    files.throwOnError();
    await files.download('a').catch(() => (settled += 1));
    await files.download('a').asStream().then(
      () => assert.fail('there is no object'),
      () => (settled += 1),
    );
    assert.equal(settled, 3);
  });
});

describe('info and exists', () => {
  test('info tells all that is known', async () => {
    const files = storage.from(await bucket());
    const { id } = ok(await files.upload('dir/a.png', wordBytes, { contentType: 'image/png', metadata: { mine: 1 } }));
    const info = ok(await files.info('dir/a.png'));
    assert.deepEqual(Object.keys(info).sort(), [
      'bucketId', 'cacheControl', 'contentType', 'createdAt', 'etag', 'id', 'lastModified', 'metadata', 'name', 'size',
      'version',
    ]);
    assert.equal(info.id, id);
    assert.equal(info.name, 'dir/a.png');
    assert.equal(info.bucketId, files.bucketId);
    assert.equal(info.contentType, 'image/png');
    assert.deepEqual(info.metadata, { mine: 1 });
    assert.match(info.etag, /^".+"$/);
    isUuid(info.version);
    fails(await files.info('nope'), missing);
  });

  test('exists says yes and no', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'words'));
    assert.deepEqual(await files.exists('a'), { data: true, error: null });
    const { data, error } = await files.exists('b');
    assert.equal(data, false);
    // A HEAD has no body: the status is all that there is.
    assert.deepEqual([error.status, error.statusCode], [400, '400']);
    await assert.rejects(client().storage.from(files.bucketId).throwOnError().exists('b'));
  });
});

describe('move and copy', () => {
  test('move keeps the object and leaves nothing behind', async () => {
    const files = storage.from(await bucket());
    const { id } = ok(await files.upload('a', 'words', { metadata: { mine: 1 }, contentType: 'text/x-tale' }));
    assert.deepEqual(ok(await files.move('a', 'dir/b')), { message: 'Successfully moved' });
    fails(await files.info('a'), missing);
    const info = ok(await files.info('dir/b'));
    assert.deepEqual([info.id, info.contentType, info.metadata], [id, 'text/x-tale', { mine: 1 }]);
    assert.equal(await ok(await files.download('dir/b')).text(), 'words');
  });

  test('move to another bucket', async () => {
    const [from, to] = [storage.from(await bucket()), storage.from(await bucket())];
    ok(await from.upload('a', 'words'));
    ok(await from.move('a', 'b', { destinationBucket: to.bucketId }));
    assert.equal(await ok(await to.download('b')).text(), 'words');
    fails(await from.download('a'), missing);
  });

  test('move of nothing, and onto something', async () => {
    const files = storage.from(await bucket());
    fails(await files.move('a', 'b'), missing);
    ok(await files.upload('a', 'one'));
    ok(await files.upload('b', 'two'));
    fails(await files.move('a', 'b'), exists);
    assert.equal(await ok(await files.download('b')).text(), 'two');
  });

  test('copy makes a second object with the same words about it', async () => {
    const files = storage.from(await bucket());
    const first = ok(await files.upload('a', 'words', { metadata: { mine: 1 }, cacheControl: '9' }));
    assert.deepEqual(ok(await files.copy('a', 'dir/b')), { path: `${files.bucketId}/dir/b` });
    const info = ok(await files.info('dir/b'));
    assert.notEqual(info.id, first.id);
    assert.deepEqual([info.cacheControl, info.metadata], ['max-age=9', { mine: 1 }]);
    ok(await files.remove(['a']));
    assert.equal(await ok(await files.download('dir/b')).text(), 'words');
  });

  test('copy to another bucket', async () => {
    const [from, to] = [storage.from(await bucket()), storage.from(await bucket())];
    ok(await from.upload('a', 'words'));
    assert.deepEqual(ok(await from.copy('a', 'b', { destinationBucket: to.bucketId })), { path: `${to.bucketId}/b` });
    assert.equal(await ok(await to.download('b')).text(), 'words');
    assert.equal(await ok(await from.download('a')).text(), 'words');
  });

  test('copy of nothing, and onto something', async () => {
    const files = storage.from(await bucket());
    fails(await files.copy('a', 'b'), missing);
    ok(await files.upload('a', 'one'));
    ok(await files.upload('b', 'two'));
    fails(await files.copy('a', 'b'), exists);
  });
});

describe('remove', () => {
  test('remove answers with the rows that went, and is silent on the others', async () => {
    const files = storage.from(await bucket());
    for (const key of ['a', 'dir/b', 'dir/c']) ok(await files.upload(key, 'words', { metadata: { mine: key } }));
    const gone = ok(await files.remove(['a', 'dir/b', 'nope', 'dir']));
    assert.deepEqual(gone.map((row) => row.name).sort(), ['a', 'dir/b']);
    const row = gone.find((each) => each.name === 'a');
    assert.equal(row.bucket_id, files.bucketId);
    assert.equal(row.metadata.size, 5);
    assert.deepEqual(row.user_metadata, { mine: 'a' });
    assert.equal(ok(await files.exists('dir/c')), true);
  });

  test('remove of 1200 objects at once', async () => {
    const files = storage.from(await bucket());
    const keys = Array.from({ length: 1200 }, (_, i) => `n/${i}`);
    for (let at = 0; at < keys.length; at += 60) {
      await Promise.all(keys.slice(at, at + 60).map(async (key) => ok(await files.upload(key, key))));
    }
    assert.equal(ok(await files.remove(keys)).length, 1200);
    assert.deepEqual(ok(await files.listV2()).objects, []);
  });

  test('remove of no keys, in a missing bucket, and with the anon key', async () => {
    const files = storage.from(await bucket({ public: true }));
    fails(await files.remove([]), {
      status: 400,
      statusCode: '400',
      message: 'body/prefixes must NOT have fewer than 1 items',
    });
    assert.deepEqual(ok(await storage.from('no-such-bucket').remove(['a'])), []);
    ok(await files.upload('a', 'words'));
    assert.deepEqual(ok(await client(anonKey).storage.from(files.bucketId).remove(['a'])), []);
    assert.equal(ok(await files.exists('a')), true);
  });
});

describe('getPublicUrl', () => {
  test('getPublicUrl leads to the object without a key', async () => {
    const files = storage.from(await bucket({ public: true }));
    ok(await files.upload('dir/a b.txt', 'words', { cacheControl: '60', contentType: 'text/plain' }));
    const reply = await fetch(files.getPublicUrl('dir/a b.txt').data.publicUrl);
    assert.equal(await reply.text(), 'words');
    assert.equal(reply.headers.get('cache-control'), 'max-age=60');
    assert.equal(reply.headers.get('content-disposition'), null);
    assert.equal(reply.headers.get('accept-ranges'), 'bytes');
  });

  test('getPublicUrl to download under a name, and with a nonce', async () => {
    const files = storage.from(await bucket({ public: true }));
    ok(await files.upload('a.txt', 'words'));
    const disposition = async (options) => {
      const reply = await fetch(files.getPublicUrl('a.txt', options).data.publicUrl);
      assert.equal(await reply.text(), 'words');
      return reply.headers.get('content-disposition');
    };
    assert.equal(await disposition({ download: true }), 'attachment;');
    assert.equal(
      await disposition({ download: 'my tale.txt' }),
      "attachment; filename=my%20tale.txt; filename*=UTF-8''my%20tale.txt",
    );
    assert.equal(await disposition({ cacheNonce: 'x' }), null);
  });

  test('a range and a validator are heeded at the public URL', async () => {
    const files = storage.from(await bucket({ public: true }));
    ok(await files.upload('a.txt', '0123456789'));
    const address = files.getPublicUrl('a.txt').data.publicUrl;
    const part = await fetch(address, { headers: { range: 'bytes=2-4' } });
    assert.deepEqual([part.status, part.headers.get('content-range'), await part.text()], [206, 'bytes 2-4/10', '234']);
    const etag = part.headers.get('etag');
    assert.equal((await fetch(address, { headers: { 'if-none-match': etag } })).status, 304);
  });
});

describe('the rest', () => {
  test('purgeCache answers as a project without a CDN does', async () => {
    const files = storage.from(await bucket());
    ok(await files.upload('a', 'words'));
    const expected = {
      status: 400,
      statusCode: '400',
      message: 'Missing Required Parameter CDN_PURGE_ENDPOINT_URL is not set',
    };
    fails(await files.purgeCache('a'), expected);
    fails(await files.purgeCache('a', { transformations: true }), expected);
    fails(await client(anonKey).storage.from(files.bucketId).purgeCache('a'), { status: 403, statusCode: '403' });
    fails(await files.purgeCache('a', {}, { signal: AbortSignal.abort() }), { message: /abort/i });
  });

  test('throwOnError and setHeader of a bucket', async () => {
    const id = await bucket();
    await assert.rejects(client().storage.from(id).throwOnError().info('a'), { name: 'StorageApiError', ...missing });
    const other = client().storage.from(id).setHeader('authorization', 'Bearer nonsense');
    fails(await other.list(), { status: 400, statusCode: '403', message: 'Invalid Compact JWS' });
  });

  test('toBase64 is what the server reads as metadata', async () => {
    const files = storage.from(await bucket());
    const metadata = files.toBase64(JSON.stringify({ mine: 'ä' }));
    ok(await files.upload('a', 'words', { headers: { 'x-metadata': metadata } }));
    assert.deepEqual(ok(await files.info('a')).metadata, { mine: 'ä' });
  });
});
