FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The optional packages are Node itself, for machines that have an older one.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

# A few files instead of a thousand modules: they start in little more than half the time.
FROM node:26-bookworm-slim AS bundle
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY docker/bundle.ts docker/
COPY src src
RUN node docker/bundle.ts

# The service needs Node alone: what installs packages, and what compiles against Node, has no business beside it.
FROM node:26-bookworm-slim AS system
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn* /usr/local/include \
  && mkdir /data && chown node:node /data

# What Node compiles is kept: it starts and ends here once, by the user, the path and the options that it will have.
FROM system AS compiled
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/compiled
WORKDIR /app
RUN mkdir compiled && chown node:node compiled
COPY --from=dependencies /app/node_modules node_modules
COPY LICENSE ./
COPY --from=bundle /app/dist dist
USER node
# 124 is that of a command which timeout ended.
RUN PORT=0 HOST=127.0.0.1 NORMA_STORE=memory: timeout 10 node --initial-old-space-size=128 dist/server.js || [ $? = 124 ]

# One layer, so that what was removed does not travel along.
FROM scratch
COPY --from=compiled / /
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/compiled NORMA_STORE=sqlite:/data/norma.db
WORKDIR /app
USER node
# Stored normalizers; not written where NORMA_STORE names a PostgreSQL server.
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The heap itself stays below 40 MB; room to grow spares full collections while blocks of arrays come and go.
CMD ["node", "--initial-old-space-size=128", "dist/server.js"]
