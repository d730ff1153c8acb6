FROM node:24.21.0-bookworm-slim AS build
ARG REVISION=unknown
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && printf '%s\n' "$REVISION" > dist/revision && npm prune --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
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
USER node
EXPOSE 9464
# The product's own clean stop: mails in flight finish, offsets are committed, the group is left.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.HTTP_PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["run"]
