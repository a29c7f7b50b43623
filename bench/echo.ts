// What Fastify costs by itself: it parses a JSON body and writes it back.
import Fastify from 'fastify';

const app = Fastify();
app.post('/', async (request) => request.body);
app.get('/health/ready', async () => ({ status: 'ready' }));
await app.listen({ port: Number(process.env.PORT), host: process.env.HOST });
