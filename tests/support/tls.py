"""TLS with a certificate of our own, which nobody vouches for."""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat


def _own_certificate() -> bytes:
    """Key and certificate for localhost, PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(1), now + timedelta(1))
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    certificate = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private + certificate.public_bytes(Encoding.PEM)


def tls_contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server on localhost uses, and what a client uses that trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(_own_certificate())
        server.load_cert_chain(file.name)
        client.load_verify_locations(file.name)
    return server, client


@contextmanager
def tls_server() -> Iterator[tuple[int, list[bytes]]]:
    """Its port on localhost, and what clients said to it once they trusted it."""
    context, _ = tls_contexts()
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):  # the end: nobody listens any more
                while True:
                    plain, _ = listening.accept()
                    with plain, contextlib.suppress(OSError):  # the client hangs up
                        heard.append(context.wrap_socket(plain, server_side=True).recv(1000))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(20)
