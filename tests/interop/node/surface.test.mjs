// No public method of the clients is left out: what they have is read by reflection and compared with the tables below,
// which say for each method where it is tested, or why it is not.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { client } from './support/project.mjs';

const BUCKETS = 'buckets.test.mjs';
const OBJECTS = 'objects.test.mjs';
const LISTING = 'listing.test.mjs';
const SIGNED = 'signed.test.mjs';
const TABLES = 'tables.test.mjs';
const AUTH = 'auth.test.mjs';

/** Method → file of its test. */
const COVERED = {
  'storage': {
    from: OBJECTS, listBuckets: BUCKETS, getBucket: BUCKETS, createBucket: BUCKETS, updateBucket: BUCKETS,
    emptyBucket: BUCKETS, deleteBucket: BUCKETS, purgeBucketCache: BUCKETS, throwOnError: BUCKETS, setHeader: BUCKETS,
  },
  'storage.from(id)': {
    upload: OBJECTS, update: OBJECTS, download: OBJECTS, info: OBJECTS, exists: OBJECTS, move: OBJECTS, copy: OBJECTS,
    remove: OBJECTS, getPublicUrl: OBJECTS, purgeCache: OBJECTS, throwOnError: OBJECTS, setHeader: OBJECTS,
    toBase64: OBJECTS, list: LISTING, listV2: LISTING, createSignedUrl: SIGNED, createSignedUrls: SIGNED,
    createSignedUploadUrl: SIGNED, uploadToSignedUrl: SIGNED,
  },
  'storage.from(id).download(key)': { asStream: OBJECTS, then: OBJECTS, catch: OBJECTS, finally: OBJECTS },
  'project.schema(name)': { from: TABLES },
  'from(table)': { select: TABLES, insert: TABLES, upsert: TABLES, update: TABLES, delete: TABLES },
  'from(table).select()': {
    eq: TABLES, neq: TABLES, gt: TABLES, gte: TABLES, lt: TABLES, lte: TABLES, like: TABLES, ilike: TABLES, is: TABLES,
    in: TABLES, match: TABLES, not: TABLES, or: TABLES, filter: TABLES, select: TABLES, order: TABLES, limit: TABLES,
    range: TABLES, abortSignal: TABLES, single: TABLES, maybeSingle: TABLES, throwOnError: TABLES, maxAffected: TABLES,
  },
  'auth': {
    signInWithPassword: AUTH, getUser: AUTH, getSession: AUTH, getClaims: AUTH, refreshSession: AUTH, setSession: AUTH,
    updateUser: AUTH, signOut: AUTH, onAuthStateChange: AUTH, signUp: AUTH,
  },
  'auth.admin': {
    createUser: AUTH, getUserById: AUTH, updateUserById: AUTH, deleteUser: AUTH, listUsers: AUTH, signOut: AUTH,
  },
};

const PRIVATE = 'private or protected in TypeScript';
const OWN = 'works within the client; sends nothing';
const NOT_STORIES = 'PostgREST can, stories do not use it';
const PROVIDERS = 'signing in with others than a password';

/** Method → why it has no test. */
const EXCLUDED = {
  'storage': { listBucketOptionsToQueryString: PRIVATE, handleOperation: PRIVATE },
  'storage.from(id)': {
    uploadOrUpdate: PRIVATE, encodeMetadata: PRIVATE, applyTransformOptsToQuery: PRIVATE, handleOperation: PRIVATE,
  },
  'storage.from(id).download(key)': { getPromise: PRIVATE, execute: PRIVATE },
  'project.schema(name)': { schema: OWN, rpc: 'there are no functions in the tables of stories' },
  'from(table)': { cloneRequestState: PRIVATE },
  'from(table).select()': {
    ...Object.fromEntries(
      ['likeAllOf', 'likeAnyOf', 'ilikeAllOf', 'ilikeAnyOf', 'regexMatch', 'regexIMatch', 'isDistinct', 'notIn',
        'contains', 'containedBy', 'rangeGt', 'rangeGte', 'rangeLt', 'rangeLte', 'rangeAdjacent', 'overlaps',
        'textSearch', 'csv', 'geojson', 'explain', 'rollback', 'stripNulls'].map((name) => [name, NOT_STORIES]),
    ),
    ...Object.fromEntries(['setHeader', 'retry', 'then', 'returns', 'overrideTypes'].map((name) => [name, OWN])),
    processResponse: PRIVATE,
  },
  'auth': {
    ...Object.fromEntries(
      ['signInAnonymously', 'signInWithOAuth', 'exchangeCodeForSession', 'signInWithWeb3', 'signInWithEthereum',
        'signInWithSolana', 'signInWithIdToken', 'signInWithOtp', 'verifyOtp', 'signInWithSSO', 'reauthenticate',
        'resend', 'resetPasswordForEmail', 'getUserIdentities', 'linkIdentity', 'linkIdentityOAuth',
        'linkIdentityIdToken', 'unlinkIdentity', 'signInWithPasskey', 'registerPasskey'].map((name) => [name, PROVIDERS]),
    ),
    ...Object.fromEntries(
      ['initialize', 'startAutoRefresh', 'stopAutoRefresh', 'dispose', 'isThrowOnErrorEnabled'].map((name) => [name, OWN]),
    ),
    fetchJwk: PRIVATE,
  },
  'auth.admin': { inviteUserByEmail: 'sends mail', generateLink: 'sends mail' },
};

/** Objects of the clients that are APIs of their own, and so no methods. */
const OTHER_APIS = {
  'storage.vectors': 'vector buckets: another API', 'storage.analytics': 'Iceberg buckets: another API',
};

const project = client();
const files = project.storage.from('any');
const OBJECTS_OF_THE_CLIENTS = {
  'storage': project.storage,
  'storage.from(id)': files,
  'storage.from(id).download(key)': files.download('any'),
  'project.schema(name)': project.schema('public'),
  'from(table)': project.from('stories'),
  'from(table).select()': project.from('stories').select(),
  'auth': project.auth,
  'auth.admin': project.auth.admin,
};

/** All methods of an object's classes but those whose name says that they are private. */
function methods(object) {
  const found = new Set();
  for (let proto = Object.getPrototypeOf(object); proto !== Object.prototype; proto = Object.getPrototypeOf(proto)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(proto))) {
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')) found.add(name);
    }
  }
  return [...found];
}

for (const [name, object] of Object.entries(OBJECTS_OF_THE_CLIENTS)) {
  test(`every method of ${name} is tested, or excluded with a reason`, () => {
    const known = [...Object.keys(COVERED[name]), ...Object.keys(EXCLUDED[name] ?? {})];
    assert.equal(new Set(known).size, known.length, 'a method is in both tables');
    const found = methods(object);
    assert.ok(found.length >= Object.keys(COVERED[name]).length);
    assert.deepEqual(found.toSorted(), known.toSorted());
    for (const [method, file] of Object.entries(COVERED[name])) {
      const text = readFileSync(new URL(file, import.meta.url), 'utf8');
      assert.match(text, new RegExp(`\\.${method}\\(`), `${file} does not call ${method}`);
    }
  });
}

test('the other APIs of the storage client are known', () => {
  const apis = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(project.storage)))
    .filter((name) => typeof Object.getOwnPropertyDescriptor(Object.getPrototypeOf(project.storage), name).get === 'function')
    .map((name) => `storage.${name}`);
  assert.deepEqual(apis.toSorted(), Object.keys(OTHER_APIS).toSorted());
});
