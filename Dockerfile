# docker build .                      the product
# docker build --target simulator .   devices for trying it

FROM node:24.21.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# Nothing that is installed runs a program of its own here.
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM dependencies AS build
ARG REVISION=unknown
COPY tsconfig.json ./
COPY src ./src
COPY tools ./tools
COPY templates ./templates
RUN npm run build && printf '%s\n' "$REVISION" > dist/revision && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

# The simulated devices are a tool beside the product: a TypeScript project of its own.
FROM dependencies AS build-simulator
COPY tsconfig.json ./
COPY src ./src
COPY tools ./tools
RUN npx --no-install tsc -b tools && npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24.21.0-bookworm-slim AS simulator
LABEL org.opencontainers.image.title="alert-digest simulator" \
      org.opencontainers.image.description="Simulated devices that write alerts to Kafka" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production SIMULATOR_ALIVE_FILE=/tmp/simulator-alive
WORKDIR /app
COPY --from=build-simulator /app/package.json ./
COPY --from=build-simulator /app/node_modules ./node_modules
COPY --from=build-simulator /app/dist-tools/simulator ./dist-tools/simulator
USER node
STOPSIGNAL SIGTERM
# Healthy while the broker acknowledges something now and then.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "process.exit(Date.now() - fs.statSync(process.env.SIMULATOR_ALIVE_FILE).mtimeMs < 30000 ? 0 : 1)"]
ENTRYPOINT ["node", "dist-tools/simulator/main.js"]

# The last stage is what a plain `docker build` makes.
FROM node:24.21.0-bookworm-slim AS product
ARG REVISION=unknown
LABEL org.opencontainers.image.title="alert-digest" \
      org.opencontainers.image.description="Reads device alerts from Kafka and sends one e-mail per device and window" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.revision="${REVISION}"
# In a container the address that others reach is not the loopback one.
ENV NODE_ENV=production HTTP_HOST=0.0.0.0 HTTP_PORT=9464
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY --from=build /app/templates ./templates
USER node
EXPOSE 9464 9465
# The product's own clean stop: mails in flight finish, offsets are committed, the group is left.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PROBE_PORT || process.env.HTTP_PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# What is short-lived stays in 8 MB instead of 32, or 64 on Node 24, which are never given back; it costs nothing that could be measured.
ENTRYPOINT ["node", "--max-semi-space-size=4", "dist/cli.js"]
CMD ["run"]
