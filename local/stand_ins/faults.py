"""The faults of a stand-in: switches that are set over HTTP, and reset when it ends."""

import random
from typing import Annotated, Literal

import msgspec

Kind = Literal["status", "hang", "disconnect", "garbage", "none"]


class Fault(msgspec.Struct, forbid_unknown_fields=True):
    """One thing that goes wrong, with a probability of `share`, `times` times at most (for ever without).

    `status` answers that status (with `retry_after`, in seconds, where given), `hang` never answers, `disconnect` hangs
    up, `garbage` answers no JSON, `none` is a call that works, between others. With `after_commit` what was asked for
    is done first.
    """

    kind: Kind
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 503
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None
    after_commit: bool = False
    share: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    times: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """All switches: milliseconds before anything is done, how long a search does not see what is new, and faults."""

    latency_ms: Annotated[int, msgspec.Meta(ge=0)] = 0
    search_lag_ms: Annotated[int, msgspec.Meta(ge=0)] = 0
    faults: list[Fault] = []

    def draw(self, chance: random.Random) -> Fault | None:
        """The fault of one call, the first that happens, counted down; `None` for a call without one."""
        for fault in self.faults:
            if fault.times != 0 and chance.random() < fault.share:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None


def switches(*faults: Fault, latency_ms: int = 0, search_lag_ms: int = 0) -> Switches:
    """Switches with these faults, lag and latency."""
    return Switches(latency_ms, search_lag_ms, list(faults))


PRESETS: dict[str, Switches] = {
    "well": switches(),
    "slow": switches(latency_ms=1500),
    "busy": switches(Fault("status", 429, retry_after=5)),
    "down": switches(Fault("status", 503)),
    "silent": switches(Fault("hang")),
    "forgetful": switches(Fault("hang", after_commit=True), search_lag_ms=2000),
    "babbling": switches(Fault("garbage")),
    "flaky": switches(
        Fault("status", 503, share=0.1),
        Fault("status", 429, retry_after=1, share=0.1),
        Fault("status", 502, after_commit=True, share=0.1),
        Fault("disconnect", after_commit=True, share=0.1),
        Fault("garbage", after_commit=True, share=0.1),
        search_lag_ms=2000,
    ),
}
"""Switches by a name that says how the service is then."""


def decode(body: bytes) -> Switches:
    """The switches in a body of JSON; raises `msgspec.ValidationError`, which names what is wrong."""
    return msgspec.json.decode(body, type=Switches)


def copy(original: Switches) -> Switches:
    """The same switches, whose faults count down by themselves."""
    return decode(msgspec.json.encode(original))
