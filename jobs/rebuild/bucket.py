"""An archive in a bucket of Cloud Storage: an object is read whole before its first message is."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from jobs.rebuild.source import File
from shared.deadline import Deadline
from shared.gcp.storage_objects import StorageObjects
from shared.messaging.archive import SUFFIX

SCHEME = "gs://"
_LISTED_WITHIN, _OBJECT_WITHIN = 600.0, 900.0  # seconds for all names; for one object, of up to 10 GB


@dataclass(frozen=True, slots=True)
class Bucket:
    """Implements `jobs.rebuild.source.Source` for the objects whose names begin with `prefix`."""

    objects: StorageObjects
    prefix: str

    def files(self) -> Sequence[File]:
        """See the port."""
        listed = self.objects.list(self.prefix, Deadline.after(_LISTED_WITHIN))
        return sorted(File(name, size) for name, size in listed if name.endswith(SUFFIX))

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """See the port."""
        with TemporaryFile() as file:
            self.objects.download(name, file, Deadline.after(_OBJECT_WITHIN))
            file.seek(0)
            yield file
