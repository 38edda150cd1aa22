// storage-js: listing, first and second version.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';

import { anonKey, bucket, client, fails, isUuid, ok } from './support/project.mjs';

const { storage } = client();

/** A bucket with these keys, stored in this order. */
async function stocked(keys) {
  const files = storage.from(await bucket());
  for (const key of keys) ok(await files.upload(key, key, { contentType: 'text/plain' }));
  return files;
}

const names = (rows) => rows.map((row) => row.name);

describe('list', () => {
  const KEYS = ['z.txt', 'b/1.png', 'b/2.png', 'b/c/3.png', 'B2.txt', '10.png', '2.png', 'a b.txt'];
  let files;
  before(async () => {
    files = await stocked(KEYS);
  });

  test('list shows one level, folders as rows without an id', async () => {
    const rows = ok(await files.list());
    assert.deepEqual(names(rows), ['10.png', '2.png', 'a b.txt', 'b', 'B2.txt', 'z.txt']);
    const folder = rows.find((row) => row.name === 'b');
    assert.deepEqual(folder, {
      name: 'b', id: null, updated_at: null, created_at: null, last_accessed_at: null, metadata: null,
    });
    const file = rows[0];
    isUuid(file.id);
    assert.deepEqual(Object.keys(file.metadata).sort(), [
      'cacheControl', 'contentLength', 'eTag', 'httpStatusCode', 'lastModified', 'mimetype', 'size',
    ]);
    assert.equal(file.metadata.size, 6);
    assert.equal(file.metadata.mimetype, 'text/plain');
  });

  test('list of a folder has names within it, with a slash at the end or without', async () => {
    assert.deepEqual(names(ok(await files.list('b'))), ['1.png', '2.png', 'c']);
    assert.deepEqual(names(ok(await files.list('b/'))), ['1.png', '2.png', 'c']);
    assert.deepEqual(names(ok(await files.list('b/c'))), ['3.png']);
    assert.deepEqual(ok(await files.list('nope')), []);
  });

  test('list pages with limit and offset', async () => {
    const pages = [];
    for (let offset = 0; ; offset += 2) {
      const page = ok(await files.list('', { limit: 2, offset }));
      if (page.length === 0) break;
      pages.push(...names(page));
    }
    assert.deepEqual(pages, ['10.png', '2.png', 'a b.txt', 'b', 'B2.txt', 'z.txt']);
    fails(await files.list('', { limit: 0 }), { status: 400, statusCode: '400', message: 'body/limit must be >= 1' });
  });

  test('list sorts by every column, both ways', async () => {
    const sorted = async (sortBy) => names(ok(await files.list('', { sortBy })));
    assert.deepEqual(await sorted({ column: 'name', order: 'desc' }), [
      'z.txt', 'B2.txt', 'b', 'a b.txt', '2.png', '10.png',
    ]);
    // The order of one key alone keeps the default of the other.
    assert.deepEqual(await sorted({ order: 'desc' }), ['z.txt', 'B2.txt', 'b', 'a b.txt', '2.png', '10.png']);
    const stored = ['z.txt', 'B2.txt', '10.png', '2.png', 'a b.txt'];
    for (const column of ['created_at', 'updated_at', 'last_accessed_at']) {
      assert.deepEqual(await sorted({ column, order: 'asc' }), ['b', ...stored], column);
      assert.deepEqual(await sorted({ column, order: 'desc' }), ['b', ...stored.toReversed()], column);
    }
    fails(await files.list('', { sortBy: { column: 'size', order: 'asc' } }), {
      status: 400,
      statusCode: '400',
      message: 'body/sortBy/column must be equal to one of the allowed values',
    });
  });

  test('list searches for beginnings, whatever their case', async () => {
    assert.deepEqual(names(ok(await files.list('', { search: 'b' }))), ['b', 'B2.txt']);
    assert.deepEqual(names(ok(await files.list('b', { search: '2' }))), ['2.png']);
    assert.deepEqual(ok(await files.list('', { search: 'png' })), []);
    assert.deepEqual(ok(await files.list('', { search: '%' })), []);
  });

  test('list heeds a signal', async () => {
    fails(await files.list('', {}, { signal: AbortSignal.abort() }), { message: /abort/i });
  });

  test('list of a missing bucket, and with the anon key', async () => {
    assert.deepEqual(ok(await storage.from('no-such-bucket').list()), []);
    assert.deepEqual(ok(await client(anonKey).storage.from(files.bucketId).list()), []);
  });

  test('list loses no row at the bounds of its pages', async () => {
    // The real server skips a file whose name is the one before and a sign below the slash.
    const keys = ['e'];
    for (let i = 0; i < 60; i += 1) keys.push(`f${i}`, `f${i}-x`);
    const many = await stocked(keys);
    const found = [];
    for (let offset = 0; offset < 200; offset += 20) {
      found.push(...names(ok(await many.list('', { limit: 20, offset }))));
    }
    assert.deepEqual(found.toSorted(), keys.toSorted());
  });
});

describe('listV2', () => {
  const KEYS = ['10.png', '2.png', 'b/1.png', 'b/c/2.png', 'b/c/3.png', 'd/4.png', 'z.txt'];
  let files;
  before(async () => {
    files = await stocked(KEYS);
  });

  test('listV2 lists flat, with full names', async () => {
    const data = ok(await files.listV2());
    assert.equal(data.hasNext, false);
    assert.equal(data.nextCursor, undefined);
    assert.deepEqual(data.folders, []);
    assert.deepEqual(names(data.objects), KEYS);
    isUuid(data.objects[0].id);
    assert.equal(data.objects[0].metadata.size, 6);
    assert.ok(Date.parse(data.objects[0].created_at) > 0);
  });

  test('listV2 follows its cursor to the end', async () => {
    for (const limit of [1, 2, 3, 7, 1000]) {
      const found = [];
      let cursor;
      do {
        const page = ok(await files.listV2({ limit, cursor }));
        assert.ok(page.objects.length <= limit);
        found.push(...names(page.objects));
        assert.equal(page.hasNext, page.nextCursor !== undefined);
        cursor = page.nextCursor;
      } while (cursor);
      assert.deepEqual(found, KEYS, `limit ${limit}`);
    }
  });

  test('listV2 with a delimiter gathers folders, at every page size', async () => {
    for (const limit of [1, 2, 4, 100]) {
      const [folders, objects] = [[], []];
      let cursor;
      do {
        const page = ok(await files.listV2({ limit, cursor, with_delimiter: true }));
        folders.push(...page.folders);
        objects.push(...page.objects);
        cursor = page.nextCursor;
      } while (cursor);
      assert.deepEqual(folders.map((each) => [each.key, each.name]), [['b', 'b/'], ['d', 'd/']], `limit ${limit}`);
      assert.deepEqual(names(objects), ['10.png', '2.png', 'z.txt'], `limit ${limit}`);
    }
  });

  test('listV2 takes a prefix as it is', async () => {
    const keys = async (options) => names(ok(await files.listV2(options)).objects);
    assert.deepEqual(await keys({ prefix: 'b/' }), ['b/1.png', 'b/c/2.png', 'b/c/3.png']);
    assert.deepEqual(await keys({ prefix: 'b/c/2' }), ['b/c/2.png']);
    assert.deepEqual(await keys({ prefix: 'B' }), []);
    const level = ok(await files.listV2({ prefix: 'b/', with_delimiter: true }));
    assert.deepEqual(names(level.folders), ['b/c/']);
    assert.deepEqual(names(level.objects), ['b/1.png']);
  });

  test('listV2 sorts by every column, both ways', async () => {
    for (const column of ['name', 'created_at', 'updated_at']) {
      for (const [order, expected] of [['asc', KEYS], ['desc', KEYS.toReversed()]]) {
        const found = [];
        let cursor;
        do {
          const page = ok(await files.listV2({ limit: 3, cursor, sortBy: { column, order } }));
          found.push(...names(page.objects));
          cursor = page.nextCursor;
        } while (cursor);
        assert.deepEqual(found, expected, `${column} ${order}`);
      }
    }
  });

  test('listV2 refuses a cursor that is none, and heeds a signal', async () => {
    fails(await files.listV2({ cursor: 'nonsense' }), {
      status: 400,
      statusCode: '400',
      message: 'Invalid Parameter continuation token',
    });
    fails(await files.listV2({}, { signal: AbortSignal.abort() }), { message: /abort/i });
  });
});
