# The image of all four services; which one a container runs is its argument: router, ipam, dns or plugin.
#
#   ./weave build && docker build -t weavemesh .
#
# Works with the classic builder too. Nothing is fetched while it builds but the two base images.

FROM eclipse-temurin:25-jdk AS runtime
# What jdeps finds in our jars, and what Hazelcast and the JVM's own service loaders look for at run time.
RUN jlink --output /opt/runtime --no-header-files --no-man-pages --strip-java-debug-attributes --add-modules \
    java.base,java.compiler,java.logging,java.management,java.naming,java.sql,java.xml,jdk.management,jdk.naming.dns,jdk.net,jdk.unsupported,jdk.zipfs

FROM debian:bookworm-slim
ENV MALLOC_ARENA_MAX=2
COPY --from=runtime /opt/runtime /opt/weavemesh/runtime
COPY weave scripts/image-health scripts/image-service /opt/weavemesh/
COPY node/target/weavemesh /opt/weavemesh
# The first command records what a start needs. 'docker exec CONTAINER weave status' works, too.
RUN ln -s /opt/weavemesh/weave /usr/local/bin/weave && weave version && test -s /opt/weavemesh/weave.aot
ENTRYPOINT ["/opt/weavemesh/image-service"]
CMD ["router"]
