"""A rebuild reads the same archive from a bucket as from a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
import pytest

from jobs.rebuild.bucket import Bucket
from jobs.rebuild.source import Folder
from shared.errors import NotFound
from shared.gcp.storage_objects import StorageObjects
from tests.support.builders.archives import delivery, write
from tests.support.event_streams import stream

OBJECTS = "/storage/v1/b/the-bucket/o"
PAGE = 4  # objects


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The files below `folder` as the objects of a bucket, with their names as Cloud Storage sorts and pages them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(url.query).items()}
            if url.path == OBJECTS:
                self._answer(_listing(folder, query.get("prefix", ""), query.get("pageToken", "")))
                return
            path = folder / unquote(url.path.removeprefix(f"{OBJECTS}/"))
            self._answer(path.read_bytes() if path.is_file() else None)

        def _answer(self, content: bytes | None) -> None:
            self.send_response(404 if content is None else 200)
            self.send_header("content-length", str(len(content or b"")))
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _listing(folder: Path, prefix: str, after: str) -> bytes:
    files = sorted((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*") if path.is_file())
    listed = [(name, path) for name, path in files if name.startswith(prefix) and name > after]
    page = {"items": [{"name": name, "size": str(path.stat().st_size)} for name, path in listed[:PAGE]]}
    return msgspec.json.encode(page | ({"nextPageToken": listed[PAGE - 1][0]} if len(listed) > PAGE else {}))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    arrivals = stream(3, 300, days=30).arrivals
    write(tmp_path / "bucket" / "events", [delivery(event, number) for number, event in enumerate(arrivals)])
    (tmp_path / "bucket" / "events" / "notes.txt").write_text("no archived file")
    (tmp_path / "bucket" / "other.avro").write_bytes(b"of somebody else")
    return tmp_path / "bucket"


def test_a_bucket_has_the_files_of_the_folder_it_is_a_copy_of(archive: Path) -> None:
    folder = Folder(archive / "events")
    with served(archive) as url:
        bucket = Bucket(StorageObjects("the-bucket", lambda: "", url), "events/")
        files = bucket.files()
        assert [(file.name.removeprefix("events/"), file.size) for file in files] == [
            (file.name, file.size) for file in folder.files()
        ]
        assert len(files) > PAGE
        for here, there in zip(files, folder.files(), strict=True):
            with bucket.open(here.name) as downloaded, folder.open(there.name) as original:
                assert downloaded.read() == original.read()


def test_an_object_that_is_gone_is_said_to_be(archive: Path) -> None:
    with served(archive) as url:
        bucket = Bucket(StorageObjects("the-bucket", lambda: "", url), "events/")
        with pytest.raises(NotFound, match="gone"), bucket.open("events/gone.avro"):
            pass
