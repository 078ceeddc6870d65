# One image for all seven services: the command says which. Node runs the TypeScript as it is, so nothing is compiled but the page.
FROM node:24-bookworm-slim AS build
WORKDIR /app
# No CUDA: embeddings are computed on the processor.
ENV ONNXRUNTIME_NODE_INSTALL=skip TURBO_TELEMETRY_DISABLED=1
COPY package.json package-lock.json ./
COPY --parents gen/package.json lib/*/package.json services/*/package.json edge/*/package.json bench/package.json eval/package.json ./
RUN npm install --no-audit --no-fund
COPY . .
RUN npm run protos && npm run build && npm prune --omit=dev && rm -rf bench eval .git

FROM node:24-bookworm-slim
# ingest takes the network away from the child that parses, where the kernel lets it.
RUN apt-get update && apt-get install -y --no-install-recommends util-linux && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build --chown=root:root /app ./
RUN install -d -o node -g node /var/lib/lyceum
USER node
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 LYCEUM_HOME=/var/lib/lyceum UV_THREADPOOL_SIZE=16 \
    NODE_OPTIONS="--max-semi-space-size=16 --import /app/scripts/fast-start.mjs"
EXPOSE 8080
VOLUME /var/lib/lyceum
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=12 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "edge/embedded/src/main.ts"]
