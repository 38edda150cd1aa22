// A TCP proxy that cuts connections: what a train's tunnel does to an upload.

import { connect, createServer } from 'node:net';

/**
 * Passes connections on to `target`, and cuts the one that has sent `after` bytes, as often as `times` says. With
 * `replies`, a connection is cut when the server's answer to so many bytes comes: the server has them, the client does not
 * know.
 */
export async function cutting(t, target, { after, times, replies = false }) {
  const { hostname, port } = new URL(target);
  let cuts = 0;
  const sockets = new Set();
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    const cut = () => {
      cuts += 1;
      near.resetAndDestroy();
      far.destroy();
    };
    let sent = 0;
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.on('data', (part) => {
      sent += part.length;
      const last = sent >= after && cuts < times && !replies;
      far.write(part);
      if (last) cut();
    });
    far.on('data', (part) => {
      if (replies && sent >= after && cuts < times) cut();
      else near.write(part);
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { url: `http://127.0.0.1:${server.address().port}`, cuts: () => cuts };
}
