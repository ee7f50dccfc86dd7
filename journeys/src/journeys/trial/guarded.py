"""A broker with TLS, SASL names, client certificates and ACLs, as an operator runs one."""

import asyncio
import ipaddress
import os
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError
from chassis.config.brokers import Brokers
from chassis_testing.harness import until
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from stack.kafka import Kafka
from stack.ports import pick
from stack.stack import LIBRARIES

from contracts import topics

ADMIN, ADMINS_PASSWORD = "admin", "of the administrator"
PROPERTIES = """
listeners=NAMED://127.0.0.1:{named},CERTIFIED://127.0.0.1:{certified},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=NAMED://127.0.0.1:{named},CERTIFIED://127.0.0.1:{certified}
listener.security.protocol.map=NAMED:SASL_SSL,CERTIFIED:SSL,CONTROLLER:PLAINTEXT
inter.broker.listener.name=NAMED
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.named.plain.sasl.jaas.config={plain} username="{admin}" password="{password}" user_{admin}="{password}";
listener.name.named.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={directory}/broker.pem
ssl.truststore.type=PEM
ssl.truststore.location={directory}/ca.pem
listener.name.certified.ssl.client.auth=required
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:{admin};User:ANONYMOUS
"""
CLIENT = """
security.protocol=SASL_SSL
sasl.mechanism=PLAIN
sasl.jaas.config={plain} username="{admin}" password="{password}";
ssl.truststore.type=PEM
ssl.truststore.location={directory}/ca.pem
"""
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule required"


class Authority:
    """A certificate authority for a test; it writes its certificate and those it signs as PEM files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = _name("an authority for tests")
        self.certificate = self._sign(self.name, self.key, x509.BasicConstraints(ca=True, path_length=0))
        (directory / "ca.pem").write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str) -> Path:
        """Write a key and a certificate for this name and 127.0.0.1 into a file; return its path."""
        key = ec.generate_private_key(ec.SECP256R1())
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = self._sign(_name(name), key, here)
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file = self.directory / f"{name}.pem"
        file.write_bytes(private + certificate.public_bytes(pem))
        return file

    def _sign(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, extension: x509.ExtensionType
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .sign(self.key, hashes.SHA256())
        )


@dataclass(slots=True)
class Guarded:
    """A running broker that denies everything that no ACL allows."""

    node: Kafka
    directory: Path
    authority: Authority
    named: str
    certified: str

    @property
    def administrator(self) -> Brokers:
        """Return how its administrator connects."""
        return self.brokers(ADMIN, ADMINS_PASSWORD, mechanism="PLAIN")

    def brokers(self, user: str, password: str, **more: Any) -> Brokers:
        """Return how a user connects by name and password."""
        tls = ssl.create_default_context(cafile=self.directory / "ca.pem")
        return Brokers([self.named], user, password, tls=tls, **more)

    async def admit(self, user: str, password: str) -> None:
        """Add a user with a password (SCRAM)."""
        entity = ("--entity-type", "users", "--entity-name", user)
        await self._tool(
            "kafka.admin.ConfigCommand", "--alter", *entity, "--add-config", f"SCRAM-SHA-512=[password={password}]"
        )

    async def allow(self, *options: str) -> None:
        """Add an ACL, given as options of `kafka-acls`."""
        await self._tool("org.apache.kafka.tools.AclCommand", "--add", *options)

    async def limits(self, user: str) -> str:
        """Return what the broker knows of a user's password and quotas."""
        return await self._tool(
            "kafka.admin.ConfigCommand", "--describe", "--entity-type", "users", "--entity-name", user
        )

    async def prepare(self, *words: str) -> None:
        """Run `kontor broker` as the broker's administrator."""
        (file := self.directory / "administrator").write_text(ADMINS_PASSWORD)
        variables = {
            "KAFKA_BOOTSTRAP_SERVERS": self.named,
            "KAFKA_USER": ADMIN,
            "KAFKA_PASSWORD_FILE": str(file),
            "KAFKA_MECHANISM": "PLAIN",
            "KAFKA_TLS": "true",
            "KAFKA_CA_FILE": str(self.directory / "ca.pem"),
        }
        command = (sys.executable, "-m", "kontor", "broker", *words)
        process = await asyncio.create_subprocess_exec(*command, env={**os.environ, **variables})
        assert await process.wait() == 0

    async def visible(self, user: str, password: str) -> set[str]:
        """Return the topics that the broker shows a user."""
        client: Any = AIOKafkaAdminClient(**self.brokers(user, password).options)
        await client.start()
        try:
            return {*await client.list_topics()}
        finally:
            await client.close()

    async def _tool(self, name: str, *words: str) -> str:
        where = ("--bootstrap-server", self.named, "--command-config", str(self.directory / "admin.properties"))
        program = self.node.tool(name, *where, *words)
        done = await asyncio.to_thread(subprocess.run, program, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@asynccontextmanager
async def guarded(directory: Path) -> AsyncGenerator[Guarded]:
    """Run a broker with the contracts' topics until the block ends."""
    authority, node = Authority(directory), Kafka(directory, LIBRARIES)
    authority.issue("broker")
    ports = pick(("named", "certified", "controller"), {})
    facts = {"plain": PLAIN, "admin": ADMIN, "password": ADMINS_PASSWORD, "directory": directory}
    node.configure(ports["named"], ports["controller"], PROPERTIES.format(**ports, **facts))
    (directory / "admin.properties").write_text(CLIENT.format(**facts))
    node.format()
    broker = Guarded(node, directory, authority, *(f"127.0.0.1:{ports[name]}" for name in ("named", "certified")))
    with (directory / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(*node.command(), stdout=log, stderr=log)
    try:
        await until(lambda: _create_topics(broker), timeout=30, what="the guarded broker")
        yield broker
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


async def _create_topics(broker: Guarded) -> bool:
    admin = AIOKafkaAdminClient(**broker.administrator.options)
    try:
        await admin.start()
        await admin.create_topics([NewTopic(topic.name, 1, 1) for topic in topics()])
    except (KafkaError, OSError):
        return False
    finally:
        await admin.close()
    return True


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
