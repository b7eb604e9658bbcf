"""The certificate authority of one stack, and the server certificate that it signs; both are valid for a day."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore
from cryptography.x509.oid import NameOID

from local.stack.http_listener import HOST

SERVER = "localhost"
"""The name of every server, and of the broker as a client of itself."""

STORE_PASSWORD = "changeit"  # noqa: S105 - Java wants one; the store holds no secret
_VALID = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files: `authority` to trust (PEM, and as Java's `store`), `server` with its key and certificate (PEM)."""

    authority: Path
    store: Path
    server: Path


def make(folder: Path) -> Certificates:
    """Make them anew in `folder`."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "the local stack")])
    authority = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    server_key = ec.generate_private_key(ec.SECP256R1())
    names = [x509.DNSName(SERVER), x509.IPAddress(IPv4Address(HOST))]
    server = (
        _builder(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, SERVER)]), name, server_key.public_key())
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = Certificates(folder / "authority.pem", folder / "authority.p12", folder / "server.pem")
    trusted = authority.public_bytes(Encoding.PEM)
    files.authority.write_bytes(trusted)
    files.store.write_bytes(
        serialize_java_truststore(
            [PKCS12Certificate(authority, b"authority")], BestAvailableEncryption(STORE_PASSWORD.encode())
        )
    )
    private = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    files.server.touch(mode=0o600)
    files.server.write_bytes(private + server.public_bytes(Encoding.PEM) + trusted)
    return files


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _VALID)
    )
