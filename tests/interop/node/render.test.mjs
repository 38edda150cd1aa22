// storage-js: pictures changed on their way.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { bucket, bytesOf, client, fails, ok, picture, png } from './support/project.mjs';

const { storage } = client();

describe('transform', () => {
  let files;
  before(async () => {
    files = storage.from(await bucket({ public: true }));
    ok(await files.upload('a.png', png(200, 100), { contentType: 'image/png' }));
    ok(await files.upload('a.txt', 'words', { contentType: 'text/plain' }));
  });

  const sized = async (transform) => {
    const { width, height } = picture(await bytesOf(ok(await files.download('a.png', { transform }))));
    return [width, height];
  };

  test('download with a transform scales, in each mode', async () => {
    assert.deepEqual(await sized({ width: 50, height: 50 }), [50, 50]);
    assert.deepEqual(await sized({ width: 50, height: 50, resize: 'cover' }), [50, 50]);
    assert.deepEqual(await sized({ width: 50, height: 50, resize: 'contain' }), [50, 25]);
    assert.deepEqual(await sized({ width: 50, height: 50, resize: 'fill' }), [50, 50]);
  });

  test('download with a transform of one side keeps the other', async () => {
    assert.deepEqual(await sized({ width: 50, resize: 'contain' }), [50, 25]);
    assert.deepEqual(await sized({ height: 50, resize: 'contain' }), [100, 50]);
  });

  test('download with format origin keeps the format', async () => {
    const transform = { width: 40, height: 20, format: 'origin', quality: 50 };
    const blob = ok(await files.download('a.png', { transform }));
    assert.equal(blob.type, 'image/png');
    assert.deepEqual(picture(await bytesOf(blob)), { format: 'png', width: 40, height: 20 });
  });

  test('download with a transform and a nonce, as a stream', async () => {
    const stream = ok(await files.download('a.png', { transform: { width: 20, height: 20 }, cacheNonce: '1' }).asStream());
    assert.equal(picture(await bytesOf(stream)).width, 20);
  });

  test('getPublicUrl with a transform', async () => {
    const transform = { width: 30, height: 30, resize: 'contain', quality: 80, format: 'origin' };
    const { publicUrl } = files.getPublicUrl('a.png', { transform, download: 'small.png' }).data;
    assert.match(publicUrl, /\/render\/image\/public\//);
    const reply = await fetch(publicUrl);
    assert.deepEqual(picture(await reply.arrayBuffer()), { format: 'png', width: 30, height: 15 });
    assert.match(reply.headers.get('content-disposition'), /filename=small\.png/);
  });

  test('a browser that takes WebP is given it', async () => {
    const { publicUrl } = files.getPublicUrl('a.png', { transform: { width: 30, height: 30 } }).data;
    const reply = await fetch(publicUrl, { headers: { accept: 'image/webp,*/*' } });
    assert.equal(reply.headers.get('content-type'), 'image/webp');
    assert.deepEqual(picture(await reply.arrayBuffer()), { format: 'webp', width: 30, height: 30 });
  });

  test('what is no picture, and what is not there', async () => {
    const transform = { width: 30 };
    fails(await files.download('a.txt', { transform }), { status: 400 });
    fails(await files.download('nope.png', { transform }), {
      status: 400,
      statusCode: '404',
      message: 'Object not found',
    });
    fails(await files.download('a.png', { transform: { width: 30, quality: 5 } }), {
      status: 400,
      statusCode: '400',
      message: 'querystring/quality must be >= 20',
    });
  });
});
