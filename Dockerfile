# The worker, for amd64 and arm64: docker build -t livekit-pulse-captions .
# test/e2e/image.test.ts does the steps of this file in a clean folder and runs what comes out: keep to instructions
# that src/devkit/image knows.
ARG NODE_IMAGE=node:24.21.0-trixie-slim

# What is compiled is the same on every platform.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json README.md LICENSE ./
COPY src ./src
RUN npm run build
# The package as it would be published: without what only the demo and the tests need.
RUN npm pack --silent && tar -xzf livekit-pulse-captions-*.tgz

FROM ${NODE_IMAGE} AS production
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev
# Only the plugin for LiveKit's own framework needs it, and it is more than all the rest.
RUN npm uninstall --omit=dev --no-save @livekit/agents
COPY --from=build /build/package ./

FROM ${NODE_IMAGE}
# The media library trusts the system's certificates, not those of Node.
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o 1000 -g 1000 /transcripts
LABEL org.opencontainers.image.title="livekit-pulse-captions" \
  org.opencontainers.image.description="Captions every LiveKit room, with Smallest.ai Pulse as the recogniser" \
  org.opencontainers.image.version="0.1.0" \
  org.opencontainers.image.licenses="Apache-2.0"
COPY --from=production /app /app
ENV NODE_ENV=production TRANSCRIPT_DIR=/transcripts HEALTH_PORT=8081
WORKDIR /app
# `node` of the base image, as a number, so that Kubernetes can see that it is not root.
USER 1000:1000
# The only place that is written to: everything else may be read-only.
VOLUME ["/transcripts"]
EXPOSE 8081
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HEALTH_PORT}/healthz`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli/captions.js"]
CMD ["start"]
