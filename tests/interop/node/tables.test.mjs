// postgrest-js: the calls on tables that stories use.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, describe, test } from 'node:test';

import { anonKey, client, isUuid, ok, unique } from './support/project.mjs';

const project = client();

/** Rows of one test, told from those of others by `source`. */
async function stories(rows) {
  const source = unique('source');
  const made = ok(
    await project
      .from('stories')
      .insert(rows.map((row) => ({ prompt: 'a prompt', ...row, source })))
      .select(),
  );
  return { source, made };
}

describe('select', () => {
  let source;
  let made;
  const titles = async (build, columns = 'title') => {
    const { data, error } = await build(project.from('stories').select(columns).eq('source', source)).order('title');
    assert.equal(error, null, JSON.stringify(error));
    return data.map((row) => row.title).join('');
  };

  before(async () => {
    ({ source, made } = await stories([
      { title: 'a', prompt: 'A fox', status: 'completed', user_id: 'u1', story_metadata: { scenes: 2 } },
      { title: 'b', prompt: '50% off, "now"', status: 'failed', user_id: null },
      { title: 'c', prompt: 'a Fox (red)', status: 'pending', user_id: 'u2' },
    ]));
    const [story] = made;
    ok(
      await project
        .from('scenes')
        .insert([
          { story_id: story.story_id, sequence: 1, text: 'later' },
          { story_id: story.story_id, sequence: 0, text: 'first' },
        ])
        .select(),
    );
  });

  test('select of everything has every column', async () => {
    const [row] = ok(await project.from('stories').select().eq('source', source).eq('title', 'a'));
    isUuid(row.story_id);
    assert.deepEqual(row.story_metadata, { scenes: 2 });
    assert.match(row.created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?\+00:00$/);
  });

  test('select of columns, and of columns by another name', async () => {
    const rows = ok(await project.from('stories').select('name:title, status').eq('source', source).order('title'));
    assert.deepEqual(rows[0], { name: 'a', status: 'completed' });
  });

  test('select embeds scenes in their story, in order', async () => {
    const rows = ok(
      await project
        .from('stories')
        .select('title, scenes(sequence, text)')
        .eq('source', source)
        .order('title')
        .order('sequence', { referencedTable: 'scenes' }),
    );
    assert.deepEqual(rows, [
      { title: 'a', scenes: [{ sequence: 0, text: 'first' }, { sequence: 1, text: 'later' }] },
      { title: 'b', scenes: [] },
      { title: 'c', scenes: [] },
    ]);
  });

  test('select embeds only so many, and the story in its scenes', async () => {
    const [row] = ok(
      await project
        .from('stories')
        .select('title, pages:scenes!inner(text)')
        .eq('source', source)
        .order('sequence', { referencedTable: 'pages' })
        .limit(1, { referencedTable: 'pages' }),
    );
    assert.deepEqual(row, { title: 'a', pages: [{ text: 'first' }] });
    const scene = ok(
      await project
        .from('scenes')
        .select('text, stories!scenes_story_id_fkey!inner(title)')
        .eq('stories.source', source)
        .eq('sequence', 0)
        .single(),
    );
    assert.deepEqual(scene, { text: 'first', stories: { title: 'a' } });
  });

  test('every filter that stories use', async () => {
    assert.equal(await titles((q) => q.eq('title', 'a')), 'a');
    assert.equal(await titles((q) => q.neq('title', 'a')), 'bc');
    assert.equal(await titles((q) => q.gt('title', 'a')), 'bc');
    assert.equal(await titles((q) => q.gte('title', 'b')), 'bc');
    assert.equal(await titles((q) => q.lt('title', 'b')), 'a');
    assert.equal(await titles((q) => q.lte('title', 'b')), 'ab');
    assert.equal(await titles((q) => q.like('prompt', '%fox%')), 'a');
    assert.equal(await titles((q) => q.ilike('prompt', '%fox%')), 'ac');
    assert.equal(await titles((q) => q.like('prompt', '50\\%%')), 'b');
    assert.equal(await titles((q) => q.is('user_id', null)), 'b');
    assert.equal(await titles((q) => q.not('user_id', 'is', null)), 'ac');
    assert.equal(await titles((q) => q.in('title', ['a', 'c', 'x,y', 'q"r'])), 'ac');
    assert.equal(await titles((q) => q.not('title', 'in', '(a,b)')), 'c');
    assert.equal(await titles((q) => q.or('title.eq.a,status.eq.pending')), 'ac');
    assert.equal(await titles((q) => q.or('and(title.eq.a,status.eq.failed),prompt.ilike.*RED*')), 'c');
    assert.equal(await titles((q) => q.match({ title: 'a', status: 'completed' })), 'a');
    assert.equal(await titles((q) => q.filter('title', 'in', '("a","b")')), 'ab');
    assert.equal(await titles((q) => q.eq('prompt', '50% off, "now"')), 'b');
  });

  test('filters on time and on ids', async () => {
    const [first] = made;
    assert.equal(await titles((q) => q.eq('story_id', first.story_id)), 'a');
    assert.equal(await titles((q) => q.gte('created_at', first.created_at)), 'abc');
    assert.equal(await titles((q) => q.lt('created_at', '2001-01-01')), '');
  });

  test('order goes both ways and puts nulls where it is told', async () => {
    const by = async (options) =>
      ok(await project.from('stories').select('title').eq('source', source).order('user_id', options)).map((row) => row.title).join('');
    assert.equal(await by({ ascending: true }), 'acb');
    assert.equal(await by({ ascending: false }), 'bca');
    assert.equal(await by({ ascending: true, nullsFirst: true }), 'bac');
    assert.equal(await by({ ascending: false, nullsFirst: false }), 'cab');
  });

  test('range and limit page, and count is exact', async () => {
    const page = await project
      .from('stories')
      .select('title', { count: 'exact' })
      .eq('source', source)
      .order('title')
      .range(1, 1);
    assert.deepEqual([page.status, page.count, page.data], [206, 3, [{ title: 'b' }]]);
    const all = await project.from('stories').select('title', { count: 'exact' }).eq('source', source).limit(5);
    assert.deepEqual([all.status, all.count, all.data.length], [200, 3, 3]);
    const beyond = await project.from('stories').select('title', { count: 'exact' }).eq('source', source).range(10, 12);
    assert.deepEqual([beyond.status, beyond.error.code], [416, 'PGRST103']);
  });

  test('head counts without rows', async () => {
    const answer = await project.from('stories').select('*', { count: 'exact', head: true }).eq('source', source);
    assert.deepEqual([answer.error, answer.count, answer.data], [null, 3, null]);
  });

  test('single wants one row, maybeSingle at most one', async () => {
    const query = () => project.from('stories').select('title').eq('source', source);
    assert.deepEqual(ok(await query().eq('title', 'a').single()), { title: 'a' });
    const many = await query().single();
    assert.deepEqual([many.status, many.error.code], [406, 'PGRST116']);
    const none = await query().eq('title', 'x').single();
    assert.deepEqual([none.status, none.error.code, none.error.details], [406, 'PGRST116', 'The result contains 0 rows']);
    assert.deepEqual(ok(await query().eq('title', 'a').maybeSingle()), { title: 'a' });
    const maybe = await query().eq('title', 'x').maybeSingle();
    assert.deepEqual([maybe.data, maybe.error], [null, null]);
    assert.equal((await query().maybeSingle()).error.code, 'PGRST116');
  });

  test('abortSignal stops a query, and throwOnError throws', async () => {
    const stopped = await project.from('stories').select().abortSignal(AbortSignal.abort());
    assert.match(stopped.error.message, /abort/i);
    await assert.rejects(async () => project.from('stories').select('nope').throwOnError(), { code: '42703' });
  });

  test('errors have the codes of Postgres', async () => {
    const errors = async (query) => {
      const { status, error } = await query;
      return [status, error.code, error.message];
    };
    assert.deepEqual(await errors(project.from('storys').select()), [
      404, 'PGRST205', "Could not find the table 'public.storys' in the schema cache",
    ]);
    assert.deepEqual(await errors(project.from('stories').select('nope')), [
      400, '42703', 'column stories.nope does not exist',
    ]);
    assert.deepEqual(await errors(project.from('stories').select().eq('story_id', 'x')), [
      400, '22P02', 'invalid input syntax for type uuid: "x"',
    ]);
    assert.deepEqual((await errors(project.from('stories').select('title, users(name)'))).slice(0, 2), [400, 'PGRST200']);
    assert.deepEqual((await errors(project.from('stories').select().or('nonsense'))).slice(0, 2), [400, 'PGRST100']);
    assert.deepEqual((await errors(project.schema('storage').from('objects').select())).slice(0, 2), [406, 'PGRST106']);
  });
});

describe('insert', () => {
  test('insert without select answers with nothing', async () => {
    const answer = await project.from('stories').insert({ title: 't', prompt: 'p' });
    assert.deepEqual([answer.status, answer.data, answer.error], [201, null, null]);
  });

  test('insert with select answers with the row and its defaults', async () => {
    const row = ok(await project.from('stories').insert({ title: 't', prompt: 'ünï "q" \\' }).select().single());
    isUuid(row.story_id);
    assert.deepEqual([row.status, row.prompt, row.user_id], ['pending', 'ünï "q" \\', null]);
    assert.ok(Math.abs(Date.parse(row.created_at) - Date.now()) < 60_000);
  });

  test('insert of many counts them, and defaults stand in for what is missing', async () => {
    const rows = [{ title: 'a', prompt: 'p' }, { title: 'b', prompt: 'p', status: 'failed' }];
    const answer = await project.from('stories').insert(rows, { count: 'exact', defaultToNull: false }).select('status');
    assert.equal(answer.count, 2);
    assert.deepEqual(ok(answer).map((row) => row.status), ['pending', 'failed']);
  });

  test('insert of many is all or nothing', async () => {
    const { source } = await stories([{ title: 'kept' }]);
    const answer = await project.from('stories').insert([
      { title: 'x', prompt: 'p', source },
      { title: null, prompt: 'p', source },
    ]);
    assert.deepEqual([answer.status, answer.error.code], [400, '23502']);
    assert.equal(ok(await project.from('stories').select().eq('source', source)).length, 1);
  });

  test('insert is refused with the codes of Postgres', async () => {
    const { made } = await stories([{ title: 'a' }]);
    const errors = async (table, row) => {
      const { status, error } = await project.from(table).insert(row);
      return [status, error.code];
    };
    assert.deepEqual(await errors('stories', { story_id: made[0].story_id, title: 'b', prompt: 'p' }), [409, '23505']);
    assert.deepEqual(await errors('stories', { title: 'b', prompt: 'p', nope: 1 }), [400, 'PGRST204']);
    assert.deepEqual(await errors('stories', { title: 'b', prompt: 'p', status: 'odd' }), [400, '23514']);
    assert.deepEqual(await errors('scenes', { story_id: randomUUID(), sequence: 0, text: 't' }), [409, '23503']);
    assert.deepEqual(await errors('scenes', { story_id: made[0].story_id, sequence: 'x', text: 't' }), [400, '22P02']);
  });
});

describe('upsert', () => {
  test('upsert changes the row of the same key, or makes it', async () => {
    const story_id = randomUUID();
    ok(await project.from('stories').upsert({ story_id, title: 'one', prompt: 'p' }).select());
    const row = ok(
      await project
        .from('stories')
        .upsert({ story_id, title: 'two', prompt: 'p' }, { onConflict: 'story_id', count: 'exact' })
        .select('title')
        .single(),
    );
    assert.equal(row.title, 'two');
  });

  test('upsert can leave what is there', async () => {
    const { made } = await stories([{ title: 'one' }]);
    const { story_id } = made[0];
    const answer = await project
      .from('stories')
      .upsert({ story_id, title: 'two', prompt: 'p' }, { ignoreDuplicates: true })
      .select();
    assert.deepEqual(ok(answer), []);
    assert.equal(ok(await project.from('stories').select('title').eq('story_id', story_id).single()).title, 'one');
  });
});

describe('update and delete', () => {
  test('update changes the rows that match, and counts them', async () => {
    const { source } = await stories([{ title: 'a' }, { title: 'b' }, { title: 'c' }]);
    const answer = await project
      .from('stories')
      .update({ status: 'completed', story_metadata: { n: [1, { deep: null }] } }, { count: 'exact' })
      .eq('source', source)
      .neq('title', 'c')
      .select('title, status, story_metadata')
      .order('title');
    assert.equal(answer.count, 2);
    assert.deepEqual(ok(answer), [
      { title: 'a', status: 'completed', story_metadata: { n: [1, { deep: null }] } },
      { title: 'b', status: 'completed', story_metadata: { n: [1, { deep: null }] } },
    ]);
    const silent = await project.from('stories').update({ status: 'failed' }).eq('source', source);
    assert.deepEqual([silent.status, silent.data, silent.error], [204, null, null]);
  });

  test('update of nothing, and against a rule', async () => {
    const { source } = await stories([{ title: 'a' }]);
    assert.deepEqual(ok(await project.from('stories').update({ title: 'b' }).eq('story_id', randomUUID()).select()), []);
    assert.equal((await project.from('stories').update({ title: null }).eq('source', source)).error.code, '23502');
    assert.equal((await project.from('stories').update({ nope: 1 }).eq('source', source)).error.code, 'PGRST204');
  });

  test('update by compare and swap has one winner of many', async () => {
    const { made } = await stories([{ title: 'start' }]);
    const { story_id } = made[0];
    const swap = (title) =>
      project.from('stories').update({ title }).eq('story_id', story_id).eq('title', 'start').select();
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => swap(`winner ${i}`)));
    assert.equal(answers.flatMap(ok).length, 1);
  });

  test('maxAffected stops a change of too many', async () => {
    const { source } = await stories([{ title: 'a' }, { title: 'b' }]);
    const answer = await project.from('stories').update({ title: 'x' }).eq('source', source).maxAffected(1);
    assert.equal(answer.error.code, 'PGRST124');
    assert.equal(ok(await project.from('stories').select().eq('source', source).eq('title', 'x')).length, 0);
  });

  test('delete removes the rows that match, and their scenes', async () => {
    const { source, made } = await stories([{ title: 'a' }, { title: 'b' }]);
    const { story_id } = made[0];
    ok(await project.from('scenes').insert({ story_id, sequence: 0, text: 't' }).select());
    const gone = await project.from('stories').delete({ count: 'exact' }).eq('story_id', story_id).select('title');
    assert.deepEqual([gone.count, gone.data], [1, [{ title: 'a' }]]);
    assert.deepEqual(ok(await project.from('scenes').select().eq('story_id', story_id)), []);
    const silent = await project.from('stories').delete().eq('source', source);
    assert.deepEqual([silent.status, silent.error], [204, null]);
  });
});

describe('row level security', () => {
  test('the anon key sees no rows and writes none', async () => {
    const { source } = await stories([{ title: 'a' }]);
    const anon = client(anonKey);
    assert.deepEqual(ok(await anon.from('stories').select().eq('source', source)), []);
    const insert = await anon.from('stories').insert({ title: 'x', prompt: 'p' });
    assert.deepEqual([insert.status, insert.error.code], [401, '42501']);
    assert.equal(insert.error.message, 'new row violates row-level security policy for table "stories"');
    assert.deepEqual(ok(await anon.from('stories').update({ title: 'x' }).eq('source', source).select()), []);
    assert.deepEqual(ok(await anon.from('stories').delete().eq('source', source).select()), []);
    assert.equal(ok(await project.from('stories').select().eq('source', source)).length, 1);
  });

  test('a key that is none is refused', async () => {
    const answer = await client('nonsense').from('stories').select();
    assert.equal(answer.status, 401);
    assert.equal(answer.error.code, 'PGRST301');
  });
});
