"""A host is let be called by its name, or below a domain that is somebody's own; never because its name ends alike."""

import pytest

from shared.errors import Misconfigured
from shared.http.allowed_hosts import AllowedHosts, allowed_hosts

HOSTS = allowed_hosts("Risk.bank.example, .functions.bank.example,", "SLACKER_HOSTS")


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("risk.bank.example", True), ("a.functions.bank.example", True), ("a.b.functions.bank.example", True),
        ("evilrisk.bank.example", False), ("a.risk.bank.example", False), ("functions.bank.example", False),
        ("evilfunctions.bank.example", False), ("bank.example", False), ("risk.bank.example.evil.test", False),
        ("", False),
    ],
)  # fmt: skip
def test_a_host_is_allowed_by_its_name_or_below_a_domain(host: str, allowed: bool) -> None:
    assert (host in HOSTS) is allowed


def test_without_entries_no_host_is_allowed() -> None:
    nothing = allowed_hosts(" , ", "SLACKER_HOSTS")
    assert (nothing, "bank.example" in nothing, "" in nothing) == (AllowedHosts(), False, False)


@pytest.mark.parametrize("entry", [".run.app", ".co.uk", ".appspot.com", ".github.io", ".a.run.app"])
def test_a_domain_below_which_anybody_can_have_a_host_is_refused(entry: str) -> None:
    with pytest.raises(Misconfigured, match="anybody"):
        allowed_hosts(entry, "SLACKER_HOSTS")


@pytest.mark.parametrize("entry", [".", "..", ".example", "bank", "https://bank.example", "bank.example/x", "b_k.test"])
def test_what_is_no_host_is_refused_by_the_settings_name(entry: str) -> None:
    with pytest.raises(Misconfigured, match="SLACKER_HOSTS"):
        allowed_hosts(entry, "SLACKER_HOSTS")


def test_a_host_on_a_shared_platform_is_allowed_by_its_whole_name() -> None:
    assert "mine-123.europe-west1.run.app" in allowed_hosts("mine-123.europe-west1.run.app", "SLACKER_HOSTS")
