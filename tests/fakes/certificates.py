"""A small certificate authority for one test: its own CA file, server contexts and client certificates.

authority = Authority(tmp_path)
FakeServer(..., tls=authority.server())              trusted by whoever is given authority.ca_file
authority.server(expires_in=timedelta(days=-1))      expired;   authority.server(host="elsewhere.example")  wrong name
authority.server(ask_client=True)                    wants a certificate of this authority from the client
authority.client("prober")                           (certificate file, key file) to show there
"""

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_SIGNS = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)


class Authority:
    """Keys are made on demand and written below `folder`; every certificate is valid for 127.0.0.1 unless told.

    `identified=False` leaves out the key identifiers, as in-house authorities often do: strict clients refuse that.
    """

    def __init__(self, folder: Path, *, identified: bool = True) -> None:
        self._folder = folder
        self._identified = identified
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Test authority")
        self._made = 0
        basic = x509.BasicConstraints(ca=True, path_length=0)
        made = self._builder(self._name, self._key.public_key(), timedelta(days=30))
        made = made.add_extension(basic, critical=True).add_extension(_SIGNS, critical=True)
        certificate = made.sign(self._key, hashes.SHA256())
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(
        self, *, host: str = "127.0.0.1", expires_in: timedelta = timedelta(days=30), ask_client: bool = False
    ) -> ssl.SSLContext:
        """A server-side context with a fresh certificate for `host`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._issue(host, expires_in))
        if ask_client:
            context.load_verify_locations(self.ca_file)
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client(self, common_name: str) -> tuple[Path, Path]:
        """The files of a client certificate: (certificate, key)."""
        return self._issue(common_name, timedelta(days=30))

    def _issue(self, name: str, expires_in: timedelta) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        made = self._builder(_name(name), key.public_key(), expires_in)
        certificate = made.add_extension(_alternative(name), critical=False).sign(self._key, hashes.SHA256())
        self._made += 1
        cert_file, key_file = self._folder / f"{self._made}.pem", self._folder / f"{self._made}.key"
        cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return cert_file, key_file

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, expires_in: timedelta
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=60))
            .not_valid_after(now + expires_in)
        )
        if not self._identified:
            return made
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        return made.add_extension(issuer, critical=False)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _alternative(name: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(name))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(name)])
