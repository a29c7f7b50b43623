# A few files instead of a thousand modules: they start in little more than half the time. The packages that stay packages are
# copied beside them, and a list of all that is in there (CycloneDX).
FROM node:26-bookworm-slim AS bundle
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY docker/*.ts docker/
COPY src src
RUN node docker/bundle.ts && node docker/packages.ts runtime \
  && npm sbom --sbom-format cyclonedx --omit dev --omit optional > runtime/sbom.cdx.json

# The service needs Node and the libraries that it is linked with: no shell, no package manager. /bin/true and /bin/false end a
# process whose threads cannot be stopped.
FROM node:26-bookworm-slim AS system
RUN mkdir -p /system/usr/local/bin /system/bin /system/etc /system/tmp /system/data /system/app \
  && cp /usr/local/bin/node /system/usr/local/bin/ && cp /bin/true /bin/false /system/bin/ \
  && for file in $(ldd /usr/local/bin/node /bin/true | grep -o '/[^ :)]*' | grep lib | sort -u); do cp --parents -L "$file" /system; done \
  && cp /etc/passwd /etc/group /etc/nsswitch.conf /etc/os-release /etc/debian_version /system/etc/ \
  && chmod 1777 /system/tmp && chown node:node /system/data

# What Node compiles is kept: it starts and ends here once, by the user, the path and the options that it will have.
FROM node:26-bookworm-slim AS compiled
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/compiled
WORKDIR /app
RUN mkdir compiled && chown node:node compiled
COPY --from=bundle /app/runtime ./
COPY --from=bundle /app/dist dist
COPY LICENSE ./
USER node
# 124 is that of a command which timeout ended.
RUN PORT=0 HOST=127.0.0.1 NORMA_STORE=memory: timeout 10 node --initial-old-space-size=128 dist/server.js || [ $? = 124 ]

# Two layers: the system, which releases share, and the service.
FROM scratch
COPY --from=system /system /
COPY --from=compiled /app /app
# A pipeline sets them: --build-arg VERSION=… --build-arg REVISION=$(git rev-parse HEAD) --build-arg CREATED=$(date -u +%FT%TZ)
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="Norma" \
  org.opencontainers.image.description="Data normalization as an HTTP service" \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.documentation="/docs" \
  org.opencontainers.image.base.name="docker.io/library/node:26-bookworm-slim" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.created="${CREATED}"
ENV PATH=/usr/local/bin:/usr/bin:/bin
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/compiled NORMA_STORE=sqlite:/data/norma.db
WORKDIR /app
USER node
# Stored normalizers; not written where NORMA_STORE names a PostgreSQL server.
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "--eval", "fetch(`http://127.0.0.1:${process.env.PORT || 8080}/health/ready`).then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
# The heap itself stays below 40 MB; room to grow spares full collections while blocks of arrays come and go. No signal opens
# the inspector.
CMD ["node", "--initial-old-space-size=128", "--disable-sigusr1", "dist/server.js"]
