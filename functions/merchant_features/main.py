"""The entry point of `merchant_features`, which keeps what happened at merchants, and where it is put together.

It is the code of `risk_features` with a subscription of its own: merchants are hot, so one instance with a high
concurrency folds them, and no commit of a client waits for one of a merchant.
"""

from collections.abc import Mapping

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response

from shared.composition.entry_point import Entry
from shared.composition.ports import Backend, backend
from shared.messaging.subscriber import Push
from shared.risk.features import subscriber
from shared.risk.features.batch_folds import Merchants
from shared.risk.features.fold import Known
from shared.risk.features.keys import MERCHANTS


def build(environ: Mapping[str, str]) -> Push[Known]:
    """The service that `environ` asks for; raises `Misconfigured`, saying what to set."""
    return compose(backend(environ))


def compose(behind: Backend) -> Push[Known]:
    """The service over `behind`."""
    return subscriber.build("merchant_features", behind, frozenset({MERCHANTS}), Merchants(behind.clock))


_entry = Entry("merchant_features", build)


@functions_framework.aio.http
async def merchant_features(request: Request) -> Response:
    """Takes pushes of `transactions` and `fraud-labels`."""
    return await _entry(request)
