"""A window of time: a row of buckets of one width, the last of which is the one that a time lies in."""

from typing import NamedTuple


class Window(NamedTuple):
    """As many buckets, each `width` long, that begin at multiples of their width since 1970, UTC.

    At time t the window ends at t, in its last bucket; so it never reaches back further than `buckets * width`, and
    misses less than one bucket of it. Times and widths are in one unit, whichever.
    """

    width: int
    buckets: int

    def start(self, time: int) -> int:
        """Where the window at `time` begins."""
        return (time // self.width - self.buckets + 1) * self.width
