"""The broker as the process that it is in the stack."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from local.broker.topology import Topology
from tests.support.eventually import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def running(directory: Path, topology: Topology, port: int) -> AsyncIterator[asyncio.subprocess.Process]:
    """A broker that serves, killed at the end if it still runs."""
    config = directory / "broker.json"
    config.write_text(json.dumps(asdict(topology)))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "local.broker", "serve", "--config", str(config)),
        *("--file", str(directory / "broker.sqlite"), "--port", str(port)),
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert (await process.stdout.readline()).decode() == f"http://127.0.0.1:{port}\n"
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
