"""TLS as the web configuration asks for it, and contexts that can be replaced while connections come in."""

import ipaddress
import os
import ssl
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from exporter.core.errors import UsageError
from exporter.server.web_config.ciphers import CURVES, SUITES, VERSIONS
from exporter.server.web_config.web_config import Pem, Tls

NAMES = ("DNS", "email", "URI", "IP Address")
"""The kinds of subject alternative names that are compared."""


class RenewableContext(ssl.SSLContext):
    """A server's context whose handshakes are those of another one, `current`, that may be replaced at any time.

    A context cannot be changed back: authorities can only be added to it, never taken away.
    """

    current: ssl.SSLContext

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        """Begin a handshake by the rules of now."""
        return self.current.wrap_bio(*args, **options)


def make_renewable(first: ssl.SSLContext) -> RenewableContext:
    """Make a context that begins as a copy of that one."""
    made = RenewableContext(ssl.PROTOCOL_TLS_SERVER)
    made.current = first
    return made


def make_context(tls: Tls) -> ssl.SSLContext:
    """Make the context. Reads files. Raises UsageError in one sentence if they cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    with warnings.catch_warnings():
        # That old versions are old is said in the notices of the file.
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version, context.maximum_version = (VERSIONS[each] for each in tls.versions)
    _choose_suites(context, tls)
    if tls.curves:
        context.set_ecdh_curve(CURVES[tls.curves[0]])
    _load_certificate(context, tls)
    if tls.client_auth in ("VerifyClientCertIfGiven", "RequireAndVerifyClientCert"):
        required = tls.client_auth == "RequireAndVerifyClientCert"
        context.verify_mode = ssl.CERT_REQUIRED if required else ssl.CERT_OPTIONAL
        _load_authorities(context, tls.client_ca)
    if tls.allowed_sans is not None:
        context.sslobject_class = _allow_only(tls.allowed_sans)
    return context


def _choose_suites(context: ssl.SSLContext, tls: Tls) -> None:
    chosen = [name for each in tls.suites if (name := SUITES[each]) is not None]
    if VERSIONS[tls.versions[0]] < ssl.TLSVersion.TLSv1_2:
        # Level 1, the lowest with any promise, has no place for TLS 1.0 and 1.1.
        context.set_ciphers(":".join([*(chosen or ["DEFAULT"]), "@SECLEVEL=0"]))
    elif chosen:
        context.set_ciphers(":".join(chosen))
    if tls.server_prefers:
        context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    else:
        context.options &= ~ssl.OP_CIPHER_SERVER_PREFERENCE


def _load_certificate(context: ssl.SSLContext, tls: Tls) -> None:
    try:
        with _write_temporary(tls.certificate) as certificate, _write_temporary(tls.key) as key:
            # Without the callable an encrypted key would ask for its password on the terminal.
            context.load_cert_chain(certificate, key, password=lambda: "")
    except OSError as error:
        raise UsageError(
            f"the certificate {_describe_pem(tls.certificate)} cannot be served: {_explain(error)}"
        ) from None


def _load_authorities(context: ssl.SSLContext, authority: Pem | None) -> None:
    """As elsewhere, the authorities of the system where none is named; and each one named is trusted as it is."""
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if authority is None:
        context.load_default_certs(ssl.Purpose.CLIENT_AUTH)
        return
    try:
        context.load_verify_locations(cadata=authority.read().decode("ascii", errors="replace"))
    except OSError as error:
        raise UsageError(f"the authority {_describe_pem(authority)} cannot be used: {_explain(error)}") from None


def _allow_only(allowed: frozenset[str]) -> type[ssl.SSLObject]:
    """Allow only clients with a subject alternative name in this list; others are refused in the handshake."""

    class NamedClient(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            if list_names(self.getpeercert()).isdisjoint(allowed):
                raise ssl.SSLCertVerificationError("the certificate of the client bears no name that is allowed")

    return NamedClient


def list_names(certificate: Mapping[str, Any] | None) -> set[str]:
    """List the DNS names, mail addresses, URIs and IP addresses of a certificate."""
    named = [pair for pair in (certificate or {}).get("subjectAltName", ()) if pair[0] in NAMES]
    return {str(ipaddress.ip_address(name)) if kind == "IP Address" else name for kind, name in named}


@contextmanager
def _write_temporary(pem: Pem) -> Iterator[Path]:
    """Python reads certificates and keys from files only: what stands inline becomes one in memory."""
    if pem.path is not None:
        yield pem.path
    elif hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("pem"), "wb") as file:
            file.write(pem.read())
            file.flush()
            yield Path(f"/proc/self/fd/{file.fileno()}")
    else:
        with tempfile.NamedTemporaryFile() as file:
            file.write(pem.read())
            file.flush()
            yield Path(file.name)


def _describe_pem(pem: Pem) -> str:
    return str(pem.path) if pem.path is not None else "in the file itself"


def _explain(error: OSError) -> str:
    return str(getattr(error, "reason", None) or error.strerror or "it is none")
