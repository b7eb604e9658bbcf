"""Plays the bank's payment service: it asks for advice, steps up, asks again, and acts on the advice.

When the connection breaks, or no instance answers, it asks again with the same id and the same body: that is safe, for
an id has one answer. A genuine client passes the step-up, a fraudster does not; manual approval follows the truth.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import aiohttp
import msgspec

from jobs.history.transaction import Transaction
from local.replay.question import OPERATION, question

EMAIL = "payments@slacker.local"

_NO_INSTANCE = frozenset((502, 503, 504))
_PAUSES = (0.05, 0.5, 2.0)  # seconds before each further try
_TOKEN_FOR = 1800.0

_encode = msgspec.json.Encoder().encode


class Answer(msgspec.Struct, frozen=True):
    """What the bank reads of an answer."""

    operation_id: str
    attempt: int
    advice: str
    reasons: list[str]
    decided_by: str
    recorded: bool
    versions: dict[str, str]


_decode = msgspec.json.Decoder(Answer).decode


@dataclass(frozen=True, slots=True)
class ReceivedAnswer:
    """One answer: parsed, its bytes, how long it took (seconds, all tries), whether more than one try was needed."""

    answer: Answer
    body: bytes
    seconds: float
    retried: bool


@dataclass(frozen=True, slots=True)
class Unanswered:
    """An attempt that got no answer; `reason` is the HTTP status or `no connection`."""

    operation_id: str
    attempt: int
    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """A transaction, every answer about it in order of attempts, and whether it went through in the end."""

    transaction: Transaction
    answers: tuple[ReceivedAnswer, ...]
    unanswered: Unanswered | None
    went_through: bool


class BankService:
    """Asks `advice` at `url`. `token` makes a bearer token; `concurrency` questions at most are open at once."""

    def __init__(self, url: str, token: Callable[[], str], concurrency: int) -> None:
        self._url = f"{url}/v1/operations/{OPERATION}/advice"
        self._token = token
        self._headers: dict[str, str] = {}
        self._token_until = 0.0
        self._turns = asyncio.Semaphore(concurrency)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=20),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=30),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def settle(self, transaction: Transaction) -> Case:
        """Ask about a transaction, and once more after a step-up that its client passes."""
        async with self._turns:
            first = await self.ask(transaction)
            if isinstance(first, Unanswered):
                return Case(transaction, (), first, went_through=False)
            if first.answer.advice != "STEPUP_NEEDED" or transaction.fraud:
                return Case(transaction, (first,), None, went_through=_goes(first, transaction))
            second = await self.ask(transaction, 2)
            if isinstance(second, Unanswered):
                return Case(transaction, (first,), second, went_through=False)
            return Case(transaction, (first, second), None, went_through=_goes(second, transaction))

    async def ask(self, transaction: Transaction, attempt: int = 1) -> ReceivedAnswer | Unanswered:
        """Ask for one attempt's answer, with up to three more tries where no instance could be reached."""
        body = _encode(question(transaction, attempt))
        started = time.perf_counter()
        status, content = await self._post(body)
        tries = 1
        for pause in _PAUSES:
            if status is not None and status not in _NO_INSTANCE:
                break
            await asyncio.sleep(pause)
            status, content = await self._post(body)
            tries += 1
        if status != 200:
            return Unanswered(transaction.id, attempt, str(status) if status else "no connection")
        return ReceivedAnswer(_decode(content), content, time.perf_counter() - started, tries > 1)

    async def _post(self, body: bytes) -> tuple[int | None, bytes]:
        if time.monotonic() > self._token_until:
            self._headers = {"authorization": f"Bearer {self._token()}", "content-type": "application/json"}
            self._token_until = time.monotonic() + _TOKEN_FOR
        try:
            async with self._session.post(self._url, data=body, headers=self._headers) as response:
                return response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError):
            return None, b""


def _goes(answered: ReceivedAnswer, transaction: Transaction) -> bool:
    match answered.answer.advice:
        case "APPROVE":
            return True
        case "MANUAL_APPROVAL_NEEDED":
            return not transaction.fraud
        case _:
            return False
