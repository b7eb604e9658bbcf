"""Any order of deliveries, deaths, delays and repairs leaves every command in one state, and none done twice.

The world here is a downstream that does a thing whenever it is asked, and can be searched once it has settled.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from functions.command_dispatch.attempt_results import AttemptResult, from_error, from_outcome
from functions.command_dispatch.claims import ClaimRequest
from functions.command_dispatch.ledger_fold import AttemptEnded, DeadLettered, Item, LedgerFold, LedgerUpdate
from shared.attempts.claim import ClaimDecision
from shared.commands import kill_switches, ledger
from shared.commands.command import Command
from shared.commands.ledger import Entry
from shared.commands.outcome import CommandOutcome
from shared.commands.status import FINAL, CommandStatus
from shared.errors import Conflict, Deferred, Misconfigured, Unavailable
from shared.storage.documents import Create, Document, Key, Update, Write
from tests.support.builders.command_dispatch import NOW, command

SETTLING = timedelta(minutes=2)
LONGEST = timedelta(seconds=9)
"""How long after its delivery arrived an attempt can have an effect."""

IDS = ("a", "b")
ERRORS = (Unavailable(""), Deferred("", 30.0), Misconfigured(""), KeyError(), Conflict(""))


@dataclass
class Attempt:
    """Somebody who has a claim, alive or not."""

    id: str
    lease: datetime
    uncertain: bool
    arrived: datetime
    result: AttemptResult | None = None


class Accounts(RuleBasedStateMachine):
    """One rule is one step of somebody's; between two of them anything may happen to anybody else."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.documents: dict[Key, Document] = {}
        self.done: dict[str, datetime] = {}
        self.attempts: list[Attempt] = []
        self.letters: set[str] = set()
        self.accepted: set[str] = set()

    @rule(id_=st.sampled_from(IDS))
    def deliver(self, id_: str) -> None:
        """A delivery arrives, be it a first, a repeated or a republished one."""
        item = ClaimRequest(_command(id_), _command(id_).encoded(), _command(id_).digest(), self.now, SETTLING)
        booked = self._book(item)
        self.accepted.add(id_)
        entry = booked.entry
        assert entry is not None
        if booked.decision is ClaimDecision.ATTEMPT:
            self.attempts.append(Attempt(id_, entry.until, entry.uncertain, self.now))
        elif entry.dead_letter_pending:
            self.letters.add(id_)
            self._book(DeadLettered(id_))

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), answered=st.booleans())
    def act(self, data: st.DataObject, answered: bool) -> None:
        """An attempt asks the downstream, and hears how that ended or does not."""
        attempt = data.draw(st.sampled_from(self.attempts))
        if attempt.result is None and self.now <= attempt.arrived + LONGEST:
            self._do(attempt)
            attempt.result = from_outcome(CommandOutcome.done()) if answered else from_error(TimeoutError(), SETTLING)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), error=st.sampled_from(ERRORS))
    def fail(self, data: st.DataObject, error: Exception) -> None:
        """An attempt ends before it asks anybody."""
        attempt = data.draw(st.sampled_from(self.attempts))
        if attempt.result is None:
            attempt.result = from_error(error, SETTLING)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data(), dies=st.booleans())
    def end(self, data: st.DataObject, dies: bool) -> None:
        """The end of an attempt is booked, however late; or its instance dies, before that or before it has buried."""
        attempt = data.draw(st.sampled_from(self.attempts))
        if attempt.result is not None:
            self._end(attempt, attempt.result, dies)

    @precondition(lambda self: self.attempts)
    @rule(data=st.data())
    def die(self, data: st.DataObject) -> None:
        """An instance dies, whatever it has done."""
        self.attempts.remove(data.draw(st.sampled_from(self.attempts)))

    @rule(seconds=st.sampled_from((1, 5, 15, 20, 60, 100, 120, 1000, 100_000)))
    def wait(self, seconds: int) -> None:
        """Time goes by."""
        self.now += timedelta(seconds=seconds)

    @rule(on=st.booleans())
    def turn(self, on: bool) -> None:
        """Somebody turns the kill switch."""
        key = kill_switches.key("create_ticket")
        self._write(
            _replace(
                self.documents.get(key), key, kill_switches.CODEC.encode(kill_switches.Switch(on, "", self.now, ""))
            )
        )

    @rule(id_=st.sampled_from(IDS), act=st.sampled_from(("redrive", "discard", "forward")))
    def operate(self, id_: str, act: str) -> None:
        """An operator, or Pub/Sub's own dead-letter policy, does something to a command."""
        document = self.documents.get(ledger.key(id_))
        if document is None:
            return
        try:
            if act == "redrive":
                self._write(ledger.reopened(document, _command(id_), self.now))
            elif act == "discard":
                self._write(ledger.discarded(document, self.now))
            else:
                self._write(ledger.dead_lettered(document, _command(id_), self.now))
        except (Conflict, Unavailable):
            pass

    @invariant()
    def every_accepted_id_has_one_state(self) -> None:
        assert {key.id for key in self.documents if key.collection == ledger.COLLECTION} == self.accepted

    @invariant()
    def who_is_not_final_is_looked_at_again_and_has_all_that_is_needed(self) -> None:
        for document in self.documents.values():
            if document.key.collection == ledger.COLLECTION:
                entry = ledger.read(document)
                open_ = entry.status not in FINAL or entry.dead_letter_pending
                assert (document.due_at is not None, bool(entry.envelope)) == (open_, open_)
                settled = not open_ and entry.status is not CommandStatus.DEAD_LETTERED
                assert (document.expires_at is not None) == settled

    @invariant()
    def every_dead_letter_is_published_or_still_to_be(self) -> None:
        for id_, entry in self._entries().items():
            if entry.status is CommandStatus.DEAD_LETTERED and entry.code != ledger.NOT_DELIVERED:
                assert entry.dead_letter_pending or id_ in self.letters

    @invariant()
    def what_is_said_to_be_done_is(self) -> None:
        said = {id_ for id_, entry in self._entries().items() if entry.status is CommandStatus.DONE}
        assert said <= set(self.done)

    @invariant()
    def what_is_said_not_to_have_happened_has_not(self) -> None:
        for id_, entry in self._entries().items():
            if entry.status in (CommandStatus.EXPIRED, CommandStatus.REFUSED) or (entry.final and not entry.uncertain):
                assert id_ not in self.done or entry.status is CommandStatus.DONE

    def teardown(self) -> None:
        """When everybody is well again and time goes by, every command comes to its end."""
        self.turn(on=True)
        for _ in range(12):
            self.now += timedelta(minutes=20)
            for id_ in IDS:
                self.deliver(id_)
                if self.attempts and self.attempts[-1].arrived == self.now:
                    self._do(self.attempts[-1])
                    self._end(self.attempts[-1], from_outcome(CommandOutcome.done()), dies=False)
        assert {entry.status for entry in self._entries().values()} <= FINAL

    def _do(self, attempt: Attempt) -> None:
        """The downstream does it again, unless it is asked first, and an earlier time is found."""
        at = self.done.get(attempt.id)
        assert at is None or (attempt.uncertain and self.now >= at + SETTLING), "done twice"
        self.done.setdefault(attempt.id, self.now)

    def _end(self, attempt: Attempt, result: AttemptResult, dies: bool) -> None:
        self.attempts.remove(attempt)
        booked = self._book(AttemptEnded(attempt.id, attempt.lease, result, self.now))
        if booked.changed and result.dead_letter is not None and not dies:
            self.letters.add(attempt.id)
            self._book(DeadLettered(attempt.id))

    def _book(self, item: Item) -> LedgerUpdate:
        fold = LedgerFold()
        folded = fold.fold({key: self.documents.get(key) for key in fold.keys([item])}, [item])
        for write in folded.writes:
            self._write(write)
        return folded.results[0]

    def _write(self, write: Write | None) -> None:
        if isinstance(write, Create | Update):
            document = self.documents.get(write.key)
            assert (document.version if document else None) == (write.version if isinstance(write, Update) else None)
            version = str(int(document.version) + 1) if document else "1"
            self.documents[write.key] = Document(
                write.key, write.state, version, due_at=write.due_at, expires_at=write.expires_at
            )

    def _entries(self) -> dict[str, Entry]:
        return {key.id: ledger.read(d) for key, d in self.documents.items() if key.collection == ledger.COLLECTION}


def _command(id_: str) -> Command:
    return command(id_)


def _replace(document: Document | None, key: Key, state: bytes) -> Write:
    return Create(key, state) if document is None else Update(key, document.version, state)


TestAccounts = Accounts.TestCase
TestAccounts.settings = settings(max_examples=100, stateful_step_count=40)
