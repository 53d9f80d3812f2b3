"""Which format and encoding each client gets, by the headers that real ones send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.server.negotiation import CONTENT_TYPE, takes_gzip, wants_openmetrics

PROMETHEUS_2 = (
    "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
)
PROMETHEUS_3 = (
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
    "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2"
)
PROTOBUF_FIRST = (
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.7,"
    "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.2"
)
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "openmetrics"),
    [
        pytest.param(PROMETHEUS_2, True, id="Prometheus 2"),
        pytest.param(PROMETHEUS_3, True, id="Prometheus 3"),
        pytest.param(PROTOBUF_FIRST, True, id="Prometheus with native histograms"),
        pytest.param(BROWSER, False, id="a browser"),
        pytest.param("*/*", False, id="curl"),
        pytest.param("", False, id="no header"),
        pytest.param("text/plain", False, id="only text"),
        pytest.param("application/openmetrics-text", True, id="OpenMetrics of any version"),
        pytest.param("Application/OpenMetrics-Text; Version=1.0.0", True, id="in capitals"),
        pytest.param("application/openmetrics-text;version=0.0.1", False, id="an old OpenMetrics"),
        pytest.param("application/openmetrics-text;version=2.0.0", False, id="an OpenMetrics not spoken here"),
        pytest.param("application/openmetrics-text;version=one", False, id="no version"),
        pytest.param("application/openmetrics-text;q=0.1,text/plain;q=0.9", False, id="text rather"),
        pytest.param("application/openmetrics-text;q=0", False, id="anything but OpenMetrics"),
        pytest.param("application/openmetrics-text;q=high", False, id="a weight that is none"),
        pytest.param("application/openmetrics-text;q=nan", False, id="a weight that is no number"),
        pytest.param("application/openmetrics-text;q=2", False, id="a weight too high"),
        pytest.param(",;=,;;", False, id="punctuation"),
    ],
)
def test_the_format(accept: str, openmetrics: bool) -> None:
    assert wants_openmetrics(accept) == openmetrics


@pytest.mark.parametrize(
    ("accept_encoding", "gzip"),
    [
        pytest.param("gzip", True, id="Prometheus"),
        pytest.param("deflate, gzip, br, zstd", True, id="curl --compressed"),
        pytest.param("", False, id="no header"),
        pytest.param("identity", False, id="none"),
        pytest.param("br", False, id="another"),
        pytest.param("*", True, id="any"),
        pytest.param("gzip;q=0", False, id="anything but gzip"),
        pytest.param("gzip;q=0, *", False, id="anything but gzip, any other"),
        pytest.param("gzip;q=0.5", True, id="gzip if need be"),
    ],
)
def test_the_encoding(accept_encoding: str, gzip: bool) -> None:
    assert takes_gzip(accept_encoding) == gzip


@given(st.text(max_size=80))
def test_no_header_is_too_strange(header: str) -> None:
    assert wants_openmetrics(header) in {True, False}
    assert takes_gzip(header) in {True, False}


def test_the_answer_names_the_version_that_is_spoken() -> None:
    assert CONTENT_TYPE == {
        False: "text/plain; version=0.0.4; charset=utf-8",
        True: "application/openmetrics-text; version=1.0.0; charset=utf-8",
    }
