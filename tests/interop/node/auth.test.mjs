// auth-js: signing in with a password, staying signed in, signing out; users made with the service key.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';

import { anonKey, bucket, client, fails, isUuid, ok, unique } from './support/project.mjs';
import { folder, serve } from './support/server.mjs';

const { admin } = client().auth;
const password = 'correct horse battery staple';

/** A user of a test's own. */
async function user(more = {}, project = client()) {
  const email = `${unique('editor')}@example.com`;
  const { user: made } = ok(
    await project.auth.admin.createUser({ email, password, email_confirm: true, ...more }),
  );
  return { email, id: made.id, made };
}

/** A client that is signed in. */
async function signedIn(email, { key = anonKey, ...options } = {}) {
  const project = client(key, options);
  const { session } = ok(await project.auth.signInWithPassword({ email, password }));
  return { project, session };
}

const claimsOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
const GONE = { status: 404, code: 'user_not_found' };

describe('signInWithPassword', () => {
  test('signInWithPassword gives a session and its user', async () => {
    const { email, id } = await user({ user_metadata: { name: 'Mimi' }, app_metadata: { team: 'art' } });
    const { session } = await signedIn(email);
    assert.equal(session.token_type, 'bearer');
    assert.equal(session.expires_in, 3600);
    assert.ok(Math.abs(session.expires_at - Date.now() / 1000 - 3600) < 60);
    assert.ok(session.refresh_token.length > 8);
    assert.equal(session.user.id, id);
    assert.equal(session.user.email, email);
    assert.equal(session.user.role, 'authenticated');
    assert.equal(session.user.aud, 'authenticated');
    assert.equal(session.user.user_metadata.name, 'Mimi');
    assert.equal(session.user.app_metadata.team, 'art');
    assert.equal(session.user.app_metadata.provider, 'email');
    const claims = claimsOf(session.access_token);
    assert.deepEqual([claims.sub, claims.role, claims.email, claims.aal], [id, 'authenticated', email, 'aal1']);
    assert.equal(claims.exp - claims.iat, 3600);
    isUuid(claims.session_id);
  });

  test('signInWithPassword refuses a wrong password and an unknown address alike', async () => {
    const { email } = await user();
    const expected = { name: 'AuthApiError', status: 400, code: 'invalid_credentials', message: 'Invalid login credentials' };
    fails(await client(anonKey).auth.signInWithPassword({ email, password: 'wrong' }), expected);
    fails(await client(anonKey).auth.signInWithPassword({ email: 'nobody@example.com', password }), expected);
  });

  test('the address is read whatever its case', async () => {
    const { email, id } = await user();
    const { session } = await signedIn(email.toUpperCase());
    assert.equal(session.user.id, id);
  });
});

describe('a session', () => {
  test('getUser asks the server who it is', async () => {
    const { email, id } = await user();
    const { project, session } = await signedIn(email);
    const { user: found } = ok(await project.auth.getUser());
    assert.deepEqual([found.id, found.email], [id, email]);
    assert.equal(ok(await client(anonKey).auth.getUser(session.access_token)).user.id, id);
    fails(await client(anonKey).auth.getUser('nonsense'), { status: 403, code: 'bad_jwt' });
  });

  test('getSession and getClaims tell what is known without asking', async () => {
    const { email, id } = await user();
    const { project, session } = await signedIn(email);
    assert.equal(ok(await project.auth.getSession()).session.access_token, session.access_token);
    assert.equal(ok(await project.auth.getClaims()).claims.sub, id);
  });

  test('refreshSession gives new tokens for the same session', async () => {
    const { email, id } = await user();
    const { project, session } = await signedIn(email);
    const { session: fresh } = ok(await project.auth.refreshSession());
    assert.notEqual(fresh.refresh_token, session.refresh_token);
    assert.equal(fresh.user.id, id);
    assert.equal(claimsOf(fresh.access_token).session_id, claimsOf(session.access_token).session_id);
    ok(await client(anonKey).auth.refreshSession({ refresh_token: fresh.refresh_token }));
  });

  test('refreshSession refuses a token that is none', async () => {
    fails(await client(anonKey).auth.refreshSession({ refresh_token: 'nonsense' }), {
      name: 'AuthApiError',
      status: 400,
      code: 'refresh_token_not_found',
      message: 'Invalid Refresh Token: Refresh Token Not Found',
    });
  });

  test('setSession takes over tokens that were kept', async () => {
    const { email, id } = await user();
    const { session } = await signedIn(email);
    const other = client(anonKey);
    const { session: taken } = ok(
      await other.auth.setSession({ access_token: session.access_token, refresh_token: session.refresh_token }),
    );
    assert.equal(taken.user.id, id);
    assert.equal(ok(await other.auth.getUser()).user.id, id);
  });

  test('updateUser changes what is said of the user, and the password', async () => {
    const { email } = await user({ user_metadata: { kept: 1 } });
    const { project } = await signedIn(email);
    const { user: changed } = ok(await project.auth.updateUser({ data: { name: 'M' }, password: 'another long one' }));
    assert.deepEqual([changed.user_metadata.kept, changed.user_metadata.name], [1, 'M']);
    fails(await client(anonKey).auth.signInWithPassword({ email, password }), { code: 'invalid_credentials' });
    ok(await client(anonKey).auth.signInWithPassword({ email, password: 'another long one' }));
  });

  test('signOut ends the session on the server', async () => {
    const { email } = await user();
    const { project, session } = await signedIn(email);
    assert.equal((await project.auth.signOut({ scope: 'local' })).error, null);
    assert.equal(ok(await project.auth.getSession()).session, null);
    fails(await client(anonKey).auth.refreshSession({ refresh_token: session.refresh_token }), { status: 400 });
    // auth-js makes this error of the server's `session_not_found`.
    fails(await client(anonKey).auth.getUser(session.access_token), { name: 'AuthSessionMissingError' });
  });

  test('signOut of the others, and of all', async () => {
    const { email } = await user();
    const [first, second] = [await signedIn(email), await signedIn(email)];
    assert.equal((await first.project.auth.signOut({ scope: 'others' })).error, null);
    fails(await second.project.auth.refreshSession(), { status: 400 });
    ok(await first.project.auth.refreshSession());
    const third = await signedIn(email);
    assert.equal((await third.project.auth.signOut()).error, null);
    fails(await first.project.auth.refreshSession(), { status: 400 });
  });

  test('onAuthStateChange hears of what happens', async () => {
    const { email } = await user();
    const project = client(anonKey);
    const heard = [];
    project.auth.onAuthStateChange((event) => heard.push(event));
    ok(await project.auth.signInWithPassword({ email, password }));
    ok(await project.auth.refreshSession());
    await project.auth.signOut();
    assert.deepEqual(heard.filter((event) => event !== 'INITIAL_SESSION'), ['SIGNED_IN', 'TOKEN_REFRESHED', 'SIGNED_OUT']);
  });

  test('signUp is closed', async () => {
    fails(await client(anonKey).auth.signUp({ email: `${unique('new')}@example.com`, password }), {
      status: 422,
      code: 'signup_disabled',
    });
  });
});

describe('admin', () => {
  test('createUser answers with the user', async () => {
    const { email, made } = await user({ user_metadata: { name: 'Mimi' } });
    isUuid(made.id);
    assert.equal(made.email, email);
    assert.ok(Date.parse(made.email_confirmed_at) > 0);
    fails(await admin.createUser({ email, password, email_confirm: true }), { status: 422, code: 'email_exists' });
  });

  test('getUserById, updateUserById and deleteUser', async () => {
    const { email, id } = await user();
    assert.equal(ok(await admin.getUserById(id)).user.email, email);
    const { user: changed } = ok(await admin.updateUserById(id, { user_metadata: { name: 'New' }, password: 'changed by admin' }));
    assert.equal(changed.user_metadata.name, 'New');
    ok(await client(anonKey).auth.signInWithPassword({ email, password: 'changed by admin' }));
    ok(await admin.deleteUser(id));
    fails(await admin.getUserById(id), GONE);
    fails(await admin.deleteUser(id), GONE);
    fails(await client(anonKey).auth.signInWithPassword({ email, password: 'changed by admin' }), {
      code: 'invalid_credentials',
    });
    fails(await admin.getUserById(randomUUID()), GONE);
  });

  test('listUsers pages', async () => {
    const made = new Set();
    for (let i = 0; i < 3; i += 1) made.add((await user()).id);
    const found = [];
    for (let page = 1; ; page += 1) {
      const { users, total } = ok(await admin.listUsers({ page, perPage: 2 }));
      assert.ok(users.length <= 2);
      found.push(...users.map((each) => each.id));
      if (users.length === 0 || found.length >= total) break;
    }
    for (const id of made) assert.ok(found.includes(id), id);
    assert.equal(new Set(found).size, found.length);
  });

  test('signOut of somebody else by their token', async () => {
    const { email } = await user();
    const { session } = await signedIn(email);
    assert.equal((await admin.signOut(session.access_token)).error, null);
    fails(await client(anonKey).auth.refreshSession({ refresh_token: session.refresh_token }), { status: 400 });
  });

  test('only the service key is admin', async () => {
    const { id } = await user();
    fails(await client(anonKey).auth.admin.getUserById(id), { status: 403, code: 'not_admin' });
    fails(await client(anonKey).auth.admin.createUser({ email: 'x@example.com', password }), {
      status: 403,
      code: 'not_admin',
    });
  });
});

describe('what a signed-in user may do', () => {
  test('by default a signed-in user sees and writes as little as anybody', async () => {
    const id = await bucket();
    ok(await client().storage.from(id).upload('a', 'words'));
    const { email } = await user();
    const { project } = await signedIn(email);
    assert.deepEqual(ok(await project.storage.from(id).list()), []);
    fails(await project.storage.from(id).upload('b', 'words'), {
      status: 400,
      statusCode: '403',
      message: 'new row violates row-level security policy',
    });
    const insert = await project.from('stories').insert({ title: 't', prompt: 'p' });
    // A signed-in user is known: 403, where the anon key has 401.
    assert.deepEqual([insert.status, insert.error.code], [403, '42501']);
  });

  test('with the policy for editors a signed-in user works on stories and their pictures', async (t) => {
    const server = await serve(t, { data: await folder(t), flags: ['--policy', 'editors'] });
    const owner = client(server.serviceKey, { server: server.url });
    const id = await bucket({ public: true }, owner);
    const { email, id: sub } = await user({}, owner);
    const { project } = await signedIn(email, { key: server.anonKey, server: server.url });

    const story = ok(await project.from('stories').insert({ title: 't', prompt: 'p' }).select().single());
    ok(await project.from('stories').update({ title: 'u' }).eq('story_id', story.story_id).select().single());
    const files = project.storage.from(id);
    ok(await files.upload('a', 'one', { metadata: { mine: 1 } }));
    ok(await files.upload('a', 'two', { upsert: true }));
    ok(await files.move('a', 'b'));
    assert.equal(await ok(await files.download('b')).text(), 'two');
    const { signedUrl } = ok(await files.createSignedUrl('b', 60));
    assert.equal(await (await fetch(signedUrl)).text(), 'two');
    const [row] = ok(await files.remove(['b']));
    assert.deepEqual([row.owner, row.owner_id], [sub, sub]);
    // Buckets stay with the service key.
    assert.notEqual((await project.storage.createBucket('mine')).error, null);
    assert.notEqual((await project.storage.deleteBucket(id)).error, null);
    assert.equal(ok(await owner.storage.getBucket(id)).id, id);
    // Who is not signed in sees nothing still.
    const anon = client(server.anonKey, { server: server.url });
    assert.deepEqual(ok(await anon.from('stories').select()), []);
  });
});
