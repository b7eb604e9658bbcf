"""The entry point of `risk_features`, which keeps what clients and devices did, and where it is put together."""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.messaging.subscriber import PushSubscriber
from shared.risk.features import subscriber
from shared.risk.features.batch_folds import ClientDeviceFold
from shared.risk.features.fold import PreparedEvent
from shared.risk.features.keys import CLIENTS, DEVICES


def build(environ: Mapping[str, str]) -> PushSubscriber[PreparedEvent]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(open_ports(environ))


def compose(ports: Ports) -> PushSubscriber[PreparedEvent]:
    """The service over `ports`."""
    return subscriber.build(
        "risk_features",
        ports,
        frozenset({CLIENTS, DEVICES}),
        ClientDeviceFold(ports.clock, replay=ports.settings.replay),
    )


_entry = EntryPoint("risk_features", build)


@functions_framework.aio.http
async def risk_features(request: Request) -> Response:
    """Takes pushes of `transactions`, `overdrafts`, `client-snapshots`, `fraud-labels` and `decisions`."""
    return await _entry(request)
