"""Reading objects of Cloud Storage over its JSON API (https://cloud.google.com/storage/docs/json_api)."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import IO
from urllib.parse import quote, urlencode

import msgspec
import requests
import urllib3

from shared.backoff import Retryable, backoff, retry_blocking
from shared.deadline import Deadline
from shared.errors import DeadlineExceeded, Forbidden, NotFound, Unavailable
from shared.gcp import rest

BASE = "https://storage.googleapis.com"

_LONGEST_WAIT = 30.0  # seconds for a connection, and between two pieces of an object
_TRIES = 5
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 8.0  # seconds, doubled after each failure


class StorageObjects(msgspec.Struct, frozen=True):
    """The objects of one bucket, for an account with `roles/storage.objectViewer`. `token` gives an access token."""

    bucket: str
    token: Callable[[], str]
    base: str = BASE

    def list(self, prefix: str, deadline: Deadline) -> Iterator[tuple[str, int]]:
        """Name and size in bytes of every object whose name begins with `prefix`. Raises what `rest.call` does."""
        page = ""
        while True:
            query = {"prefix": prefix, "fields": "items(name,size),nextPageToken", "pageToken": page}
            answer = rest.call(f"{self._objects()}?{urlencode(query)}", self.token(), deadline)
            for item in answer.get("items", []):
                yield str(item["name"]), int(item["size"])
            page = answer.get("nextPageToken", "")
            if not page:
                return

    def download(self, name: str, into: IO[bytes], deadline: Deadline) -> None:
        """Write the content of an object into an empty file.

        Raises `NotFound`, `Forbidden`, `Unavailable`, `DeadlineExceeded`.
        """

        def attempt() -> None:
            into.seek(0)
            into.truncate()
            try:
                self._once(name, into, deadline)
            except (requests.RequestException, urllib3.exceptions.HTTPError, Unavailable) as error:
                raise Retryable(Unavailable(f"an object cannot be read: {type(error).__name__}")) from error

        waits = backoff(_FIRST_PAUSE, growth=2, longest=_LONGEST_PAUSE)
        retry_blocking(attempt, islice(waits, _TRIES - 1), deadline)

    def _once(self, name: str, into: IO[bytes], deadline: Deadline) -> None:
        url = f"{self._objects()}/{quote(name, safe='')}?alt=media"
        headers = {"authorization": f"Bearer {self.token()}"}
        wait = max(0.001, min(deadline.remaining(), _LONGEST_WAIT))
        with requests.get(url, headers=headers, timeout=wait, allow_redirects=False, stream=True) as response:
            if response.status_code == 404:
                raise NotFound(f"there is no object {name}")
            if response.status_code in {401, 403}:
                raise Forbidden("your Google account may not read this bucket: roles/storage.objectViewer is needed")
            if response.status_code != 200:
                raise Unavailable(f"Cloud Storage answered with status {response.status_code}")
            while piece := response.raw.read1(65_536, decode_content=True):  # what has come, not what was promised
                into.write(piece)
                if deadline.passed():
                    raise DeadlineExceeded("an object was not read in time")

    def _objects(self) -> str:
        return f"{self.base}/storage/v1/b/{quote(self.bucket, safe='')}/o"
