"""The entry point of `risk_features`, which keeps what clients and devices did, and where it is put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import Entry
from shared.composition.ports import Backend, backend
from shared.messaging.subscriber import Push
from shared.risk.features import subscriber
from shared.risk.features.batch_folds import ClientsAndDevices
from shared.risk.features.fold import Known
from shared.risk.features.keys import CLIENTS, DEVICES


def build(environ: Mapping[str, str]) -> Push[Known]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(backend(environ))


def compose(behind: Backend) -> Push[Known]:
    """The service over `behind`."""
    return subscriber.build(
        "risk_features",
        behind,
        frozenset({CLIENTS, DEVICES}),
        ClientsAndDevices(behind.clock, replay=behind.settings.replay),
    )


_entry = Entry("risk_features", build)


@functions_framework.aio.http
async def risk_features(request: Request) -> Response:
    """Takes pushes of `transactions`, `overdrafts`, `client-snapshots`, `fraud-labels` and `decisions`."""
    return await _entry(request)
