"""Whether a chain is whole, entry by entry, and where it is not.

An entry whose content has another hash than it is stored with was changed. One that was changed together with its hash
is found by the entry after it, or by the head, which name the hash it had. A chain that was rewritten from an entry on,
or whose end was cut off, head and all, looks whole: that shows against anchors, the hashes in the log.
"""

from collections.abc import Iterable, Sequence

import msgspec

from shared.audit.anchors import Anchor
from shared.audit.entry import FIRST, Head, Sealed, digest, opened
from shared.errors import Damaged


class Break(msgspec.Struct, frozen=True):
    """Where the chain is not what was written: the number of the entry, and what is wrong about it."""

    sequence: int
    what: str


def cut_off(numbers: Iterable[int], head: Head) -> list[Break]:
    """Breaks for entries that were written once, as anchors of these numbers say, and lie behind `head`, which was read
    later.
    """
    gone = sorted({number for number in numbers if number > head.sequence})
    return [Break(number, "is cut off: it was written once, as its anchor says") for number in gone]


class Verification(msgspec.Struct):
    """Takes entries in their order: from the first one on, or from the one after `verified`, whose hash is `before`."""

    breaks: list[Break] = msgspec.field(default_factory=list)
    verified: int = 0
    before: str | None = FIRST  # what the next entry has to name, `None` where that cannot be told
    _anchors: dict[int, set[str]] = msgspec.field(default_factory=dict)

    def anchor(self, anchors: Sequence[Anchor]) -> None:
        """Hold entries that are yet to be taken against these."""
        for anchor in anchors:
            if anchor.forged:
                self._broken(anchor.sequence, "is named in the log by a signed head whose signature does not hold")
            else:
                self._anchors.setdefault(anchor.sequence, set()).add(anchor.hash)

    def take(self, entries: Sequence[Sealed | None]) -> None:
        """The next entries, `None` for one that is missing."""
        for sealed in entries:
            self.verified += 1
            if sealed is None:
                self._broken(self.verified, "is missing")
                self.before = None
            else:
                self._check(self.verified, sealed)
                self.before = sealed.hash
            self._anchors.pop(self.verified, None)

    def end(self, head: Head) -> None:
        """The chain ends here: `head` has to name its last entry."""
        if head.sequence != self.verified:
            self._broken(head.sequence, f"is what the head names as the last one, and {self.verified} were found")
        elif self.before is not None and head.hash != self.before:
            self._broken(self.verified, "was rewritten: the head names another hash")
        self.breaks += cut_off(self._anchors, head)

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
        if self.before is not None and entry.previous != self.before:
            self._broken(number - 1, "was rewritten: the entry after it names another hash")
        if self._anchors.get(number, set()) - {sealed.hash}:
            self._broken(number, "was rewritten: its anchor is another hash")

    def _broken(self, sequence: int, what: str) -> None:
        self.breaks.append(Break(sequence, what))
