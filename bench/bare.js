// The least that a process which serves HTTP does. JavaScript, as nothing has to be stripped of it to start.
import { createServer } from 'node:http';

const server = createServer((_, response) => response.end('{"status":"ready"}'));
server.listen(Number(process.env.PORT), process.env.HOST);
process.once('SIGTERM', () => server.close());
