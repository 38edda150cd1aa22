// Loaded into a storage server before it starts: takes the prefix off that a project's gateway would take off.
const { Server } = require('node:http');

const { emit } = Server.prototype;
Server.prototype.emit = function (event, request, ...rest) {
  if (event === 'request') request.url = request.url.replace(/^\/storage\/v1(?=\/)/, '');
  return emit.call(this, event, request, ...rest);
};
