"""The log sink passes on answers, each once, in whole lines, and loses none when publishing fails."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from local.stack.log_sink import LogSink
from shared.errors import Unavailable
from shared.messaging.messages import Message

ANSWER = '{"kind":"answer","n":%d}\n'


class Topic:
    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.away = False

    async def publish(self, topic: str, messages: Sequence[Message]) -> None:
        if self.away:
            raise Unavailable("away")
        assert topic == "decisions"
        self.lines += [message.data for message in messages]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "advice.jsonl"


def write(log: Path, text: str) -> None:
    with log.open("a") as file:
        file.write(text)


async def test_answers_are_published_once_and_other_lines_are_not(log: Path) -> None:
    topic = Topic()
    sink = LogSink([log], topic.publish)
    write(log, ANSWER % 1 + '{"kind":"answered_again"}\n' + ANSWER % 2)
    await sink.drain()
    await sink.drain()
    assert topic.lines == [b'{"kind":"answer","n":1}', b'{"kind":"answer","n":2}']


async def test_a_line_is_published_when_it_is_whole(log: Path) -> None:
    topic = Topic()
    sink = LogSink([log], topic.publish)
    write(log, (ANSWER % 1)[:9])
    await sink.drain()
    assert topic.lines == []
    write(log, (ANSWER % 1)[9:])
    await sink.drain()
    assert topic.lines == [b'{"kind":"answer","n":1}']


async def test_what_could_not_be_published_is_published_later(log: Path) -> None:
    topic = Topic()
    sink = LogSink([log], topic.publish)
    write(log, ANSWER % 1)
    topic.away = True
    with pytest.raises(Unavailable):
        await sink.drain()
    topic.away = False
    await sink.drain()
    assert len(topic.lines) == 1


async def test_what_was_there_before_is_of_an_earlier_stack(log: Path) -> None:
    topic = Topic()
    write(log, ANSWER % 1)
    sink = LogSink([log], topic.publish)
    write(log, ANSWER % 2)
    await sink.drain()
    assert topic.lines == [b'{"kind":"answer","n":2}']
