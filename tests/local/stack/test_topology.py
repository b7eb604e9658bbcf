"""Every topic of the one table is in the stack, and no message is lost for want of a function."""

import pytest

from local.stack.topology import ARCHIVE, HELD, PUSHED, subscribers, topology
from shared.messaging.topics import topics

ALL = {name: f"http://127.0.0.1:1/{name}" for name in PUSHED}


@pytest.mark.parametrize("urls", [{}, ALL, {"command_dispatch": ALL["command_dispatch"]}], ids=["none", "all", "one"])
def test_every_subscription_is_there_whichever_functions_run(urls: dict[str, str]) -> None:
    made = topology("p", urls)
    made.check()
    expected = {f"{topic.name}.{function}" for topic in topics().values() for function in topic.subscribers}
    assert {
        subscription.name for subscription in made.subscriptions if not subscription.name.endswith(ARCHIVE)
    } == expected


def test_a_subscription_whose_function_does_not_run_holds_its_messages() -> None:
    pushed = {
        subscription.name: subscription.push and subscription.push.url
        for subscription in topology("p", {"dead_letters": "http://d"}).subscriptions
    }
    assert (pushed[HELD], pushed["commands-dead-letter.dead_letters"]) == ("http://d", "http://d")
    assert pushed["commands-open-review.command_dispatch"] is None


def test_a_topic_of_dead_letters_has_none_itself() -> None:
    assert {
        subscription.dead_letter_topic for subscription in topology("p", ALL).subscriptions if subscription.name == HELD
    } == {""}


def test_subscribers_are_those_that_run() -> None:
    assert subscribers(("merchant_features",))["transactions"] == ("merchant_features",)
    assert subscribers(())["transactions"] == ()
