"""What is fetched is what the lock says or nothing, once, and a failure says what and from where."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from local.kafka import jars
from local.kafka.jars import Jar
from shared.errors import Misconfigured, Unavailable

CONTENT = b"a jar"
JAR = Jar(hashlib.sha256(CONTENT).hexdigest(), "pubsub", "org.example:thing:jar:1.0")


class Repository(HTTPServer):
    """Serves `files` by path, after so many failures; `requested` are the paths asked for."""

    files: dict[str, bytes]
    failures: int
    requested: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Repository

    def do_GET(self) -> None:
        self.server.requested.append(self.path)
        content = self.server.files.get(self.path)
        failing = self.server.failures > 0
        self.server.failures -= failing
        self.send_response(503 if failing else 200 if content is not None else 404)
        self.end_headers()
        self.wfile.write(content if content is not None and not failing else b"")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    server = Repository(("127.0.0.1", 0), Handler)
    server.files, server.failures, server.requested = {f"/m2/{JAR.path}": CONTENT}, 0, []
    thread = Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("SLACKER_MAVEN", f"http://127.0.0.1:{server.server_port}/m2/")
    monkeypatch.setattr(jars, "backoff", lambda *_, **__: iter([0.0] * 9))
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_coordinate_says_the_path_in_a_repository() -> None:
    assert JAR.path == "org/example/thing/1.0/thing-1.0.jar"
    assert Jar("", "", "org.example:thing:tar.gz:all:1.0").path == "org/example/thing/1.0/thing-1.0-all.tar.gz"


def test_a_jar_is_fetched_once_and_put_in_its_place(repository: Repository, tmp_path: Path) -> None:
    progress: list[tuple[int, int]] = []
    ready = jars.fetch([JAR], tmp_path, lambda *counts: progress.append(counts))
    assert (ready / "plugins" / "pubsub" / "thing-1.0.jar").read_bytes() == CONTENT
    assert jars.fetch([JAR], tmp_path) == ready
    assert (repository.requested, progress) == ([f"/m2/{JAR.path}"], [(1, 1)])


def test_what_is_in_the_cache_is_not_fetched_again_for_another_lock(repository: Repository, tmp_path: Path) -> None:
    ready = [jars.fetch([jar], tmp_path) for jar in (JAR, replace(JAR, profile="avro"))]
    assert (ready[0] != ready[1], len(repository.requested)) == (True, 1)


def test_another_content_than_the_lock_says_is_refused_and_not_kept(repository: Repository, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="thing:jar:1"):
        jars.fetch([replace(JAR, sha256="0" * 64)], tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_repository_that_fails_for_a_moment_is_asked_again(repository: Repository, tmp_path: Path) -> None:
    repository.failures = 2
    jars.fetch([JAR], tmp_path)
    assert len(repository.requested) == 3


@pytest.mark.parametrize(("failures", "tries"), [(0, 1), (9, 3)], ids=["not there", "failing"])
def test_what_cannot_be_fetched_is_named_with_its_address(
    repository: Repository, tmp_path: Path, failures: int, tries: int
) -> None:
    repository.files, repository.failures = {}, failures
    with pytest.raises(Unavailable, match=r"org\.example:thing.*SLACKER_MAVEN"):
        jars.fetch([JAR], tmp_path)
    assert len(repository.requested) == tries


def test_an_archive_is_unpacked(repository: Repository, tmp_path: Path) -> None:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode="w:gz") as archive:
        member = tarfile.TarInfo("lib/inside.jar")
        member.size = len(CONTENT)
        archive.addfile(member, io.BytesIO(CONTENT))
    packed = Jar(hashlib.sha256(body.getvalue()).hexdigest(), "registry", "org.example:app:tar.gz:all:1.0")
    repository.files[f"/m2/{packed.path}"] = body.getvalue()
    assert (jars.fetch([packed], tmp_path) / "registry" / "lib" / "inside.jar").read_bytes() == CONTENT


def test_the_cache_is_where_caches_are(tmp_path: Path) -> None:
    assert jars.cache({"XDG_CACHE_HOME": "/caches"}) == Path("/caches/slacker/java")
    assert jars.cache({}) == Path.home() / ".cache" / "slacker" / "java"
