"""Whether a chain is whole, entry by entry, and where it is not.

An entry whose content has another hash than it is stored with was changed. One that was changed together with its hash
is found by the entry after it, or by the head, which name the hash it had. A chain whose end was cut off, head and all,
looks whole: that takes an anchor, a number and a hash that were logged when the entry was written.
"""

from collections.abc import Mapping, Sequence

import msgspec

from shared.audit.entry import FIRST, Head, Sealed, digest, opened
from shared.errors import Damaged


class Break(msgspec.Struct, frozen=True):
    """Where the chain is not what was written: the number of the entry, and what is wrong about it."""

    sequence: int
    what: str


class Verification(msgspec.Struct):
    """Takes entries in their order, from the first one on. `anchors` are hashes known from elsewhere, by number."""

    anchors: Mapping[int, str] = msgspec.field(default_factory=dict)
    breaks: list[Break] = msgspec.field(default_factory=list)
    verified: int = 0
    _before: str | None = FIRST  # what the next entry has to name, `None` where that cannot be told

    def take(self, entries: Sequence[Sealed | None]) -> None:
        """The next entries, `None` for one that is missing."""
        for sealed in entries:
            self.verified += 1
            if sealed is None:
                self._broken(self.verified, "is missing")
                self._before = None
            else:
                self._check(self.verified, sealed)
                self._before = sealed.hash

    def end(self, head: Head) -> None:
        """The chain ends here: `head` has to name its last entry, and every anchor has to lie in it."""
        if head.sequence != self.verified:
            self._broken(head.sequence, f"is what the head names as the last one, and {self.verified} were found")
        elif self._before is not None and head.hash != self._before:
            self._broken(self.verified, "was rewritten: the head names another hash")
        for number in sorted(self.anchors):
            if number > self.verified:
                self._broken(number, "is cut off: it was written once, as its anchor says")

    def _check(self, number: int, sealed: Sealed) -> None:
        if digest(sealed.content) != sealed.hash:
            self._broken(number, "was changed: its content does not have its hash")
        try:
            entry = opened(sealed.content)
        except Damaged:
            self._broken(number, "cannot be read")
            return
        if entry.sequence != number:
            self._broken(number, "is another one's content: it names another number")
        if self._before is not None and entry.previous != self._before:
            self._broken(number - 1, "was rewritten: the entry after it names another hash")
        if self.anchors.get(number, sealed.hash) != sealed.hash:
            self._broken(number, "was rewritten: its anchor is another hash")

    def _broken(self, sequence: int, what: str) -> None:
        self.breaks.append(Break(sequence, what))
