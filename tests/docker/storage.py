"""S3-compatible storage on loopback: moto's server behind TLS with a certificate made on the spot."""

from __future__ import annotations

import io
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.test import run_wsgi_app
from werkzeug.serving import BaseWSGIServer, make_server


class _Handler(MotoRequestHandler):
    """Keeps connections, as every S3 storage does: a handshake for each of 1,600 files would be what is measured."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request; its body is read to the end, so that the next one begins where it should."""
        environ = self.make_environ()
        sent = environ["wsgi.input"].read(int(self.headers.get("Content-Length", 0)))
        environ["wsgi.input"] = io.BytesIO(sent)
        parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        body = b"".join(parts)
        headers.setdefault("Content-Length", str(len(body)))  # of HEAD it is the object's
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log(self, *_: object) -> None:
        """Say nothing."""


class Storage:
    """A bucket at `localhost:port`; it can go away and come back with what it had."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self._key = _certificate(folder)
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server: BaseWSGIServer | None = None
        self.port = 0
        self.come_back()

    @property
    def endpoint(self) -> str:
        """Host and port."""
        return f"localhost:{self.port}"

    def come_back(self) -> None:
        """Answer, on the port that it had."""
        server = make_server("127.0.0.1", self.port, self._app, threaded=True, request_handler=_Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self._key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        self._server, self.port = server, int(server.server_address[1])
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def go_away(self) -> None:
        """Refuse connections; what is stored stays."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def client(self) -> Any:
        """A client of it."""
        return boto3.client(
            "s3",
            endpoint_url=f"https://{self.endpoint}",
            region_name="us-east-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",  # noqa: S106 - the storage on loopback asks for none
            verify=str(self.certificate),
        )

    def contents(self, bucket: str) -> Iterator[tuple[str, bytes]]:
        """Name and bytes of every object."""
        client = self.client()
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for item in page.get("Contents", []):
                yield item["Key"], client.get_object(Bucket=bucket, Key=item["Key"])["Body"].read()


@contextmanager
def storage(folder: Path, bucket: str) -> Iterator[Storage]:
    """Storage with an empty bucket, while the body runs; its certificate lies in the folder."""
    made = Storage(folder)
    made.client().create_bucket(Bucket=bucket)
    try:
        yield made
    finally:
        made.go_away()


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "storage.crt", folder / "storage.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    )
    return certificate, private
