"""The handlers of commands: each is a module beside this one, called as its type is, imported and built when first
needed.
"""

from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from typing import Protocol, cast

from shared.commands.command import Command
from shared.commands.outcome import CommandOutcome
from shared.commands.types import topic_for
from shared.composition.ports import Ports
from shared.deadline import Deadline
from shared.trace import Trace


class Handler(Protocol):
    """Does commands of one type."""

    @property
    def settling_time(self) -> timedelta:
        """After an attempt that nobody heard the end of, the next one waits this long: until a search would find what
        it did.
        """
        ...

    async def perform(self, command: Command, *, uncertain: bool, trace: Trace, deadline: Deadline) -> CommandOutcome:
        """Do it, and say how that ended. Where `uncertain`, an earlier attempt may have done it: find out first, and
        do it if not. That may be up to a day after the command's `not_after`: it was begun in time.

        Raises `Uncertain` where it may have happened now, `Deferred` to be called again later, any other `Transient`
        where it has not happened, `Misconfigured` where a person must set something right, and any other `Permanent`
        where it never will work: see `attempt_results`.
        """
        ...


class Module(Protocol):
    """What each of the modules beside this one has."""

    def build(self, ports: Ports, environ: Mapping[str, str]) -> Handler:
        """The handler; raises `Misconfigured`, saying what to set."""
        ...


class HandlerRegistry:
    """The handlers of one instance, each built once."""

    def __init__(self, ports: Ports, environ: Mapping[str, str]) -> None:
        self._ports = ports
        self._environ = environ
        self._built: dict[str, Handler] = {}

    def for_type(self, kind: str) -> Handler:
        """The handler of a type; raises `Misconfigured` as its `build` does, and is tried again the next time."""
        handler = self._built.get(kind)
        if handler is None:
            topic_for(kind)  # what is imported is named by a table, not by a message
            module = cast("Module", import_module(f".{kind}", __package__))
            handler = self._built[kind] = module.build(self._ports, self._environ)
        return handler
