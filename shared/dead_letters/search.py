"""Which dead letters somebody means, and how many there are of each kind."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from shared.dead_letters.letter import Letter, Status, id_prefix


class Filter(msgspec.Struct, frozen=True):
    """Lets through what fits all that is given. `reason` is a part of the text or the whole code, `client` a token;
    published from `since` on and before `until`, aware UTC.
    """

    status: Status | None = Status.WAITING
    type: str = ""
    reason: str = ""
    client: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def lower_bound(self) -> str:
        """What every id that fits sorts behind."""
        return id_prefix(self.since) if self.since else ""

    def is_past(self, letter: str) -> bool:
        """Whether neither the letter of that id nor any behind it fits."""
        return self.until is not None and letter >= id_prefix(self.until)

    def matches(self, letter: Letter) -> bool:
        """Whether a letter fits, but for its time."""
        return (
            self.status in (None, letter.status)
            and self.type in ("", letter.type)
            and self.client in ("", letter.client)
            and (self.reason == letter.code or self.reason.casefold() in letter.reason.casefold())
        )


class ReasonGroup(msgspec.Struct, frozen=True):
    """Letters of one type that say the same reason; times are of their publication, `example` is the newest's id."""

    type: str
    code: str
    reason: str
    count: int
    oldest: datetime
    newest: datetime
    example: str


def grouped(letters: Iterable[tuple[str, Letter]]) -> list[ReasonGroup]:
    """The groups of `letters`, which come in order of time under their ids, the largest group first."""
    groups: dict[tuple[str, str, str], ReasonGroup] = {}
    for id_, letter in letters:
        at, name = letter.published_at, (letter.type, letter.code, letter.reason)
        group = groups.get(name)
        count, oldest = (group.count + 1, group.oldest) if group else (1, at)
        groups[name] = ReasonGroup(*name, count, oldest, at, id_)
    return sorted(groups.values(), key=lambda group: (-group.count, group.type, group.reason))
