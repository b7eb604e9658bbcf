"""The port of a batch's logic: which documents its items are about, and what becomes of them."""

from collections.abc import Mapping, Sequence
from typing import Generic, Protocol, TypeVar

import msgspec

from shared.storage.documents import Document, Key, Write

I_contra = TypeVar("I_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Needs(msgspec.Struct, frozen=True):
    """The result of an item that wrote nothing: it is folded again, with the documents at `keys` read too."""

    keys: Sequence[Key]


class FoldResult(msgspec.Struct, Generic[R_co], frozen=True):
    """The result of a batch: `writes`, at most one per document, and one result per item, in their order."""

    writes: Sequence[Write]
    results: Sequence[R_co]


class BatchFold(Protocol[I_contra, R_co]):
    """Folds batches of items into documents. Pure: a batch is folded again after a conflict, or to find a faulty item.

    A fold that may need more documents is a `BatchFold[Item, Result | Needs]`.
    """

    def keys(self, items: Sequence[I_contra]) -> Sequence[Key]:
        """The documents to read for `items`, each once."""
        ...

    def fold(self, documents: Mapping[Key, Document | None], items: Sequence[I_contra]) -> FoldResult[R_co]:
        """The writes and results of `items`. `documents` has what was read at `keys`, at keys that items needed, and at
        those they created where that met a conflict; `None` where there is no document.

        Whatever it raises, the item that is the reason fails alone with it.
        """
        ...
