# The image is made from the built wheel, so that it holds what users of the package get and nothing else.
FROM python:3.13.7-slim-bookworm AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE ./
COPY exporter exporter
RUN python -m venv /opt/exporter \
 && python -m pip wheel --no-cache-dir --no-deps --wheel-dir /wheel . \
 && /opt/exporter/bin/pip install --no-cache-dir /wheel/*.whl

FROM python:3.13.7-slim-bookworm
LABEL org.opencontainers.image.title="AI API Exporter" \
      org.opencontainers.image.description="Blackbox monitoring for AI model APIs, as Prometheus metrics" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/exporter /opt/exporter
ENV PATH=/opt/exporter/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# A number, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 10115
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
  CMD ["python", "-c", "from urllib.request import ProxyHandler, build_opener; build_opener(ProxyHandler({})).open('http://127.0.0.1:10115/-/healthy', timeout=2)"]
ENTRYPOINT ["ai-api-exporter"]
CMD ["run"]
