"""What is done with a batch of items: which documents they are about, and what those become."""

from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from shared.documents import Document, Key, Write

I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class FoldResult(msgspec.Struct, Generic[R_co], frozen=True):
    """What a group of items leads to: `writes`, at most one per document, and one result per item, in their order."""

    writes: Sequence[Write]
    results: Sequence[R_co]


class BatchFold(Protocol[I_contra, R_co]):
    """What is done with items: pure, for a group is folded anew after a conflict, or to find who spoils it."""

    def keys(self, items: Sequence[I_contra]) -> Sequence[Key]:
        """The documents to read for `items`, each once."""
        ...

    def fold(self, held: Mapping[Key, Document | None], items: Sequence[I_contra]) -> FoldResult[R_co]:
        """What to write, given what is there. Raises what it likes: the item that is the reason fails alone."""
        ...
