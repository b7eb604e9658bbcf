"""What is done with a batch of items: which documents they are about, and what those become."""

from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from shared.documents import Document, Key, Write

I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Needs(msgspec.Struct, frozen=True):
    """The result of an item that wrote nothing: it is folded again, with the documents at `keys` read too."""

    keys: Sequence[Key]


class FoldResult(msgspec.Struct, Generic[R_co], frozen=True):
    """What a batch leads to: `writes`, at most one per document, and one result per item, in their order."""

    writes: Sequence[Write]
    results: Sequence[R_co]


class BatchFold(Protocol[I_contra, R_co]):
    """Pure, for a batch is folded anew after a conflict, or to find the item that is at fault.

    A fold that may need more documents is a `BatchFold[Item, Result | Needs]`.
    """

    def keys(self, items: Sequence[I_contra]) -> Sequence[Key]:
        """The documents to read for `items`, each once."""
        ...

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[I_contra]) -> FoldResult[R_co]:
        """What to write, given what is there: at `keys`, at what an item needed, and at what it created and was there.

        Whatever it raises, the item that is the reason fails alone with it.
        """
        ...
