"""What a TLS connection tells of its peer."""

import ssl

from cryptography import x509


def expires_at(tls: ssl.SSLObject | None) -> float | None:
    """When the peer's certificate ends, in Unix seconds; None without TLS or without a certificate.

    Python describes only certificates that were verified, so the others are read from their bytes.
    """
    if tls is None:
        return None
    try:
        described, encoded = tls.getpeercert(), tls.getpeercert(binary_form=True)
        if described:
            return float(ssl.cert_time_to_seconds(str(described["notAfter"])))
        return x509.load_der_x509_certificate(encoded).not_valid_after_utc.timestamp() if encoded else None
    except ValueError:  # the handshake was not completed, or the bytes are no certificate
        return None
