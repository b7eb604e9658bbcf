"""The entry point of `merchant_features`, which keeps what happened at merchants, and where it is put together.

It is the code of `risk_features` with a subscription of its own: merchants are hot, so one instance with a high
concurrency folds them, and no commit of a client waits for one of a merchant.
"""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import EntryPoint
from shared.composition.ports import Ports, open_ports
from shared.messaging.subscriber import PushSubscriber
from shared.risk.features import subscriber
from shared.risk.features.batch_folds import MerchantFold
from shared.risk.features.fold import PreparedEvent
from shared.risk.features.keys import MERCHANTS


def build(environ: Mapping[str, str]) -> PushSubscriber[PreparedEvent]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(open_ports(environ))


def compose(ports: Ports) -> PushSubscriber[PreparedEvent]:
    """The service over `ports`."""
    return subscriber.build("merchant_features", ports, frozenset({MERCHANTS}), MerchantFold(ports.clock))


_entry = EntryPoint("merchant_features", build)


@functions_framework.aio.http
async def merchant_features(request: Request) -> Response:
    """Takes pushes of `transactions` and `fraud-labels`."""
    return await _entry(request)
