# The image is made from the built wheel, so that it holds what users of the package get and nothing else.
#
# The base is pinned to a patch release. A release build pins the bytes too, and a mirror goes the same way:
#     docker build --build-arg BASE=python:3.13.7-slim-bookworm@sha256:... .
ARG BASE=python:3.13.7-slim-bookworm

FROM ${BASE} AS build
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# `[bedrock]`, `[vertex]` or `[bedrock,vertex]`: what these clouds need beside.
ARG EXTRAS=
WORKDIR /source
COPY locks locks
COPY pyproject.toml README.md LICENSE ./
COPY exporter exporter
# All that is installed is pinned with its hash in locks/, what builds the wheel included.
# Without pip in it, the environment is smaller and nothing can be installed into it later.
# State belongs to the exporter's user: a new volume takes the owner of the folder it is put over.
RUN python -m venv /opt/build \
 && /opt/build/bin/python -m pip install --no-cache-dir --require-hashes --requirement locks/build.txt \
 && /opt/build/bin/python -m pip wheel --no-cache-dir --no-deps --no-build-isolation --wheel-dir /wheel . \
 && python -m venv --without-pip /opt/exporter \
 && for lock in run $(echo "$EXTRAS" | tr -d '[]' | tr ',' ' '); do \
      python -m pip --python /opt/exporter/bin/python install --no-cache-dir --require-hashes --requirement "locks/$lock.txt" \
      || exit 1; \
    done \
 && python -m pip --python /opt/exporter/bin/python install --no-cache-dir --no-deps /wheel/*.whl \
 && install -d -o 65532 -g 65532 /state

FROM ${BASE}
LABEL org.opencontainers.image.title="AI API Exporter" \
      org.opencontainers.image.description="Blackbox monitoring for AI model APIs, as Prometheus metrics" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/exporter /opt/exporter
COPY --from=build --chown=65532:65532 /state /var/lib/ai-api-exporter
# Bytecode lies in the image already; nothing is written beside it, so the root file system may be read-only.
ENV PATH=/opt/exporter/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 10115
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["python", "-m", "exporter.commands.healthcheck"]
ENTRYPOINT ["ai-api-exporter"]
CMD ["run"]
