"""Entity tags and the headers that compare them (RFC 9110, 8.8.3 and 13.1)."""

import re

_TAGS = re.compile(r'(W/)?"([^"]*)"')


def etag(tag: str) -> str:
    """The header `ETag` for a strong tag."""
    return f'"{tag}"'


def names(header: str, tag: str | None, *, weak: bool) -> bool:
    """Whether an `If-Match` or `If-None-Match` names `tag`; `*` names whatever there is, and nothing names `None`.

    A weak tag of the header counts where `weak` comparison is enough: for `If-None-Match`.
    """
    if tag is None:
        return False
    if header.strip() == "*":
        return True
    return any(text == tag and (weak or not prefix) for prefix, text in _TAGS.findall(header))
