# The image holds one bundled file and a Node: no npm, no sources, no development dependency.
# Base images are arguments, for mirrors and for pinning by digest:
#   docker build --build-arg BUILD_IMAGE=node:24-slim@sha256:… --build-arg RUN_IMAGE=gcr.io/distroless/nodejs24-debian13 .
ARG BUILD_IMAGE=node:24-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian13:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY package.json package-lock.json ./
# esbuild brings its binary as a package of its own, so no install script is needed.
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY scripts ./scripts
COPY src ./src
RUN node scripts/run.js build --outfile dist/ringfence.js

FROM ${RUN_IMAGE}
WORKDIR /app
COPY --from=build /src/dist/ringfence.js /src/dist/package.json /app/
COPY LICENSE /app/
# What `ringfence rules ID` prints.
COPY docs/rules /app/docs/rules
USER 65532:65532
EXPOSE 9443 8080
# One arena for all threads: memory that only the first lists need goes back, some 15 MiB; nearly all is allocated by one
# thread.
ENV MALLOC_ARENA_MAX=1
# The thresholds that malloc begins with, held fixed: by itself it raises them to the largest buffer ever let go, a page of
# the first lists, and keeps up to twice that much, some 10 MiB. Both names end in an underscore (mallopt(3)).
ENV MALLOC_MMAP_THRESHOLD_=131072
ENV MALLOC_TRIM_THRESHOLD_=131072
# 160 MiB of old space hold 5 000 namespaces with 20 000 policies and 50 000 pods; small semi-spaces keep RSS down.
# They stay at that size: V8 would shrink them when nothing is asked, and set the limit of the old space by their size at
# that moment, so that a full collection begins with each burst of requests, when they grow again.
ENTRYPOINT ["/nodejs/bin/node", "--max-old-space-size=160", "--min-semi-space-size=8", "--max-semi-space-size=8", "/app/ringfence.js"]
CMD ["serve", "--config", "/etc/ringfence/config.yaml"]
