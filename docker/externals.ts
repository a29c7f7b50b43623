/**
 * Packages that the bundle does not hold: two that look for their own files by where they are, and a table that is read faster as
 * JSON.
 */
export const external = ['piscina', '@fastify/swagger-ui', 'mime-db'];
