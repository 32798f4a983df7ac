"""The broker by `rediss://`: nobody in between gets a word, not even the password."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kombu import Connection

from backoffice.common.env import broker_tls

OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5, "max_retries": 0}


@dataclass
class Impostor:
    """Speaks TLS with a certificate that no authority signed, and notes what it is told."""

    port: int
    certificate: Path
    heard: list[bytes] = field(default_factory=list)


def certificate_for(address: str, folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "impostor")])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.fixture
def certified_for() -> str:
    return "127.0.0.1"


@pytest.fixture
def impostor(tmp_path: Path, certified_for: str) -> Iterator[Impostor]:
    certificate, key = certificate_for(certified_for, tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = Impostor(listener.getsockname()[1], certificate)

        def serve() -> None:
            while True:
                try:
                    plain, _ = listener.accept()
                except OSError:
                    return
                with plain:
                    plain.settimeout(5)
                    try:
                        with context.wrap_socket(plain, server_side=True) as encrypted:
                            served.heard.append(encrypted.recv(4096))
                    except OSError:
                        continue

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield served
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def connect(impostor: Impostor, query: str = "") -> None:
    url = f"rediss://:secret@127.0.0.1:{impostor.port}/0{query}"
    tls: Any = broker_tls(url)
    with Connection(url, ssl=tls, transport_options=OPTIONS) as connection:
        connection.connect()


def test_s75_celery_takes_no_certificate_that_nobody_vouches_for(impostor: Impostor) -> None:
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        connect(impostor)
    assert impostor.heard == []


def test_s75_an_authority_of_ones_own_is_believed(impostor: Impostor) -> None:
    # It says nothing a Redis would say, so that the connection still fails; but it was spoken to.
    with pytest.raises(Exception, match="closed"):
        connect(impostor, f"?ssl_ca_certs={impostor.certificate}")
    assert b"secret" in impostor.heard[0]


@pytest.mark.parametrize("certified_for", ["192.0.2.7"])
def test_s75_it_must_vouch_for_that_very_host(impostor: Impostor) -> None:
    with pytest.raises(Exception, match="CERTIFICATE_VERIFY_FAILED"):
        connect(impostor, f"?ssl_ca_certs={impostor.certificate}")
    assert impostor.heard == []


def test_other_addresses_know_nothing_of_tls() -> None:
    assert broker_tls("redis://:p@redis.example/0") is None
    assert broker_tls("redis+socket:///run/valkey/socket") is None
