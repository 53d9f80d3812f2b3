"""What a TLS connection tells of its peer."""

import asyncio
import ssl

from cryptography import x509


def expires_at(transport: asyncio.BaseTransport) -> float | None:
    """When the peer's certificate ends, in Unix seconds; None without TLS or without a certificate.

    Python describes only certificates that were verified, so the others are read from their bytes.
    """
    described = transport.get_extra_info("peercert")
    if described:
        return float(ssl.cert_time_to_seconds(described["notAfter"]))
    tls: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    encoded = tls.getpeercert(binary_form=True) if tls else None
    if not encoded:
        return None
    try:
        return x509.load_der_x509_certificate(encoded).not_valid_after_utc.timestamp()
    except ValueError:
        return None
