"""A real Kafka broker, one node in KRaft mode, that demands TLS, a password and an access right."""

import asyncio
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.kafka import java
from local.kafka.certificates import SERVER, Certificates
from local.kafka.properties import write
from local.stack.http_listener import HOST, free_ports
from local.stack.process import ProcessReaper, ServerProcess, listens
from local.stack.state_directory import inherited
from shared.errors import Unavailable

ADMIN = "admin"
"""The user who may do everything."""

CLUSTER = "c2xhY2tlci1sb2NhbC0wMQ"  # 16 bytes, as Kafka wants it
_HEAP = 384
_READY_WITHIN, _FORMATTED_WITHIN = 90.0, 90.0  # seconds
_LISTENERS = "BANK:SASL_SSL,CONTROLLER:SSL"


class Broker:
    """The broker, with what it stores in `folder`. `passwords` are those of its users, `ADMIN` among them."""

    def __init__(
        self, jars: Path, folder: Path, certificates: Certificates, passwords: Mapping[str, str], reaper: ProcessReaper,
        logs: Path,
    ) -> None:  # fmt: skip
        port, controller = free_ports(2)
        self.address = f"{HOST}:{port}"
        self._passwords = passwords
        self._settings = write(
            folder / "broker.properties", _settings(port, controller, folder, certificates, passwords)
        )
        self._classpath = f"{jars / 'kafka'}/*"
        command = [*java.command(self._classpath, "kafka.Kafka", _HEAP, *java.logging("WARN")), str(self._settings)]
        self.process = ServerProcess(
            "kafka", command, port, inherited(), reaper, logs, ready_within=_READY_WITHIN, answers=listens
        )

    async def start(self) -> None:
        """Format its storage, users among it, and start it."""
        await asyncio.to_thread(self._format)
        await self.process.start()

    def _format(self) -> None:
        users = [f"SCRAM-SHA-512=[name={name},password={password}]" for name, password in self._passwords.items()]
        command = java.command(self._classpath, "kafka.tools.StorageTool", _HEAP, *java.logging("ERROR"))
        command += ["format", "--cluster-id", CLUSTER, "--config", str(self._settings)]
        command += [part for user in users for part in ("--add-scram", user)]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_FORMATTED_WITHIN, check=False, env=inherited()
        )
        if done.returncode:
            raise Unavailable(f"Kafka's storage could not be formatted: {(done.stdout + done.stderr)[-1000:]}")


def login(user: str, password: str) -> str:
    """A user's line for Java's authentication."""
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    return f'{module} required username="{user}" password="{password}";'


def _settings(
    port: int, controller: int, folder: Path, certificates: Certificates, passwords: Mapping[str, str]
) -> dict[str, str]:
    """One node for everything. Whatever no ACL allows is denied; the controller accepts only the node itself."""
    return {
        "process.roles": "broker,controller",
        "node.id": "1",
        "controller.quorum.voters": f"1@{HOST}:{controller}",
        "listeners": f"BANK://{HOST}:{port},CONTROLLER://{HOST}:{controller}",
        "listener.security.protocol.map": _LISTENERS,
        "inter.broker.listener.name": "BANK",
        "controller.listener.names": "CONTROLLER",
        "log.dirs": str(folder / "data"),
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(certificates.server),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(certificates.authority),
        "listener.name.controller.ssl.client.auth": "required",
        "sasl.enabled.mechanisms": "SCRAM-SHA-512",
        "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
        "listener.name.bank.scram-sha-512.sasl.jaas.config": login(ADMIN, passwords[ADMIN]),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": f"User:{ADMIN};User:CN={SERVER}",
        "allow.everyone.if.no.acl.found": "false",
        "auto.create.topics.enable": "false",
        "default.replication.factor": "1",
        "offsets.topic.replication.factor": "1",
        "offsets.topic.num.partitions": "1",
        "transaction.state.log.replication.factor": "1",
        "transaction.state.log.min.isr": "1",
        "transaction.state.log.num.partitions": "1",
        "share.coordinator.state.topic.replication.factor": "1",
        "share.coordinator.state.topic.min.isr": "1",
        "group.initial.rebalance.delay.ms": "0",
    }
