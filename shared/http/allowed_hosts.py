"""Which hosts a deployment lets be called: each by its name, or all below a domain that is somebody's own."""

import re

import msgspec

from shared.errors import Misconfigured

_HOST = re.compile(r"\.?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")


class AllowedHosts(msgspec.Struct, frozen=True):
    """Hosts by name, and domains below which every host is one; all in lower case, a domain with its leading dot."""

    names: frozenset[str] = frozenset()
    domains: tuple[str, ...] = ()

    def __contains__(self, host: str) -> bool:
        return host in self.names or host.endswith(self.domains)


NONE = AllowedHosts()


def allowed_hosts(text: str, setting: str) -> AllowedHosts:
    """The hosts of `risk.bank.example,.functions.bank.example`; an entry with a leading dot stands for all below it.

    Raises `Misconfigured`, naming `setting`, for what is no host, and for a public suffix (https://publicsuffix.org):
    below `.run.app` or `.co.uk` anybody can have a host.
    """
    entries = [entry.strip().lower() for entry in text.split(",") if entry.strip()]
    for entry in entries:
        if _HOST.fullmatch(entry) is None:
            raise Misconfigured(f"set {setting} to names of hosts, or domains that begin with a dot; not to {entry}")
        if entry.startswith(".") and _public(entry[1:]):
            raise Misconfigured(f"{setting} must not have {entry}: anybody can have a host below it")
    domains = tuple(entry for entry in entries if entry.startswith("."))
    return AllowedHosts(frozenset(entries) - frozenset(domains), domains)


def _public(domain: str) -> bool:
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - a list of ten thousand, seldom needed

    public: bool = PublicSuffixList().is_public(domain)
    return public
