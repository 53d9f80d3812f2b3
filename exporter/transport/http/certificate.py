"""The certificate of a TLS connection's peer."""

import ssl

_MOST_KEPT = 64


class Certificates:
    """Tells when certificates end; those seen before are not read again."""

    def __init__(self) -> None:
        self._ends: dict[bytes, float | None] = {}

    def expires_at(self, tls: ssl.SSLObject | None) -> float | None:
        """When the peer's certificate ends, in Unix seconds; None without TLS or without a certificate.

        Python describes only certificates that were verified; the others are read from their bytes.
        """
        try:
            encoded = None if tls is None else tls.getpeercert(binary_form=True)
        except ValueError:  # the handshake was not completed
            return None
        if not encoded:
            return None
        if encoded not in self._ends:
            if len(self._ends) >= _MOST_KEPT:
                self._ends.clear()
            described = tls.getpeercert() if tls is not None else None
            self._ends[encoded] = _to_unix(str(described["notAfter"])) if described else _read_end(encoded)
        return self._ends[encoded]


def _to_unix(ends: str) -> float:
    return float(ssl.cert_time_to_seconds(ends))


def _read_end(encoded: bytes) -> float | None:
    from cryptography import x509  # noqa: PLC0415  (8 MB that only those need who do not verify)

    try:
        return x509.load_der_x509_certificate(encoded).not_valid_after_utc.timestamp()
    except ValueError:  # the bytes are no certificate
        return None
