import { createServer } from 'node:http';

// Answers anything, over connections that stay open.
createServer((_request, response) => response.end('here\n')).listen(8080);
