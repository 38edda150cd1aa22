// Every kind of body that storage-js sends.

import { Readable } from 'node:stream';

export const words = 'Once upon a time, ünïcode — 図';
export const wordBytes = Buffer.from(words);

/** Every kind of body that upload, update and uploadToSignedUrl take. */
export const BODIES = {
  string: () => words,
  Buffer: () => wordBytes,
  Uint8Array: () => new Uint8Array(wordBytes),
  DataView: () => new DataView(new Uint8Array(wordBytes).buffer),
  ArrayBuffer: () => new Uint8Array(wordBytes).buffer,
  Blob: () => new Blob([wordBytes], { type: 'text/plain' }),
  File: () => new File([wordBytes], 'tale.txt', { type: 'text/plain' }),
  FormData: () => {
    const form = new FormData();
    form.append('', new Blob([wordBytes], { type: 'text/plain' }), 'tale.txt');
    return form;
  },
  'web ReadableStream': () => new Blob([wordBytes]).stream(),
  'Node Readable': () => Readable.from([wordBytes.subarray(0, 5), wordBytes.subarray(5)]),
};
