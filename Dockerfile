# The image of all four services; which one a container runs is its argument: router, ipam, dns or plugin.
#
#   ./weave build && docker build -t weavemesh .
#
# Works with the classic builder too. Nothing is fetched while it builds but the two base images.

FROM eclipse-temurin:25-jdk AS runtime
COPY scripts/jdk scripts/runtime /build/
RUN /build/runtime /opt/runtime

FROM debian:bookworm-slim
# In the order in which they change: the runtime with a JDK, the jars with a build, the recording with either.
ENV MALLOC_ARENA_MAX=2
COPY --from=runtime /opt/runtime /opt/weavemesh/runtime
COPY weave weave-net scripts/image-health scripts/image-service scripts/install-cni /opt/weavemesh/
COPY node/target/weavemesh /opt/weavemesh
# The first command records what a start needs. 'docker exec CONTAINER weave status' works, too.
RUN ln -s /opt/weavemesh/weave /usr/local/bin/weave && weave version && test -s /opt/weavemesh/weave.aot \
    && rm /opt/weavemesh/weave.aot.log
HEALTHCHECK --interval=5s --timeout=4s --retries=3 --start-period=20s CMD ["/opt/weavemesh/image-health"]
ENTRYPOINT ["/opt/weavemesh/image-service"]
CMD ["router"]
# As in pom.xml. REVISION: --build-arg REVISION=$(git rev-parse HEAD)
ARG VERSION=0.1.0
ARG REVISION=
LABEL org.opencontainers.image.title="weavemesh" \
    org.opencontainers.image.description="One Docker network across many hosts: router, ipam, dns or plugin" \
    org.opencontainers.image.version="$VERSION" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.base.name="docker.io/library/debian:bookworm-slim"
