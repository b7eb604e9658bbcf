"""From a template and its variables to the text that a client reads, checked by the content filter."""

from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

import msgspec

from shared.errors import Invalid, Problem
from shared.notifications.content_filter import violation
from shared.notifications.notification import Notification
from shared.notifications.template import PLACEHOLDER, Template, Text
from shared.notifications.variables import FormattedValue, Type, format_value, values

MAX_TITLE, MAX_BODY = 80, 400
"""Characters, variables included: three text messages, less than what a phone shows of a push."""

_NEUTRAL = "amount"  # a word in the place of what only looks like somebody's number


class PreparedNotification(msgspec.Struct, frozen=True):
    """A notification whose template is found and whose variables have their types."""

    notification: Notification
    template: Template
    values: Mapping[str, Any]


def prepare(notification: Notification, template: Template, listed: frozenset[str]) -> PreparedNotification:
    """`notification` with its template and checked variables, if its text may leave in every language of the template.

    Raises `Invalid`, naming the fields that are wrong; `listed` are telephone numbers that a text may hold.
    """
    problems = []
    if notification.category is not template.category:
        problems.append(Problem("/payload/category", f"expected: that of its template, {template.category}"))
    if notification.channel not in template.channels:
        problems.append(Problem("/payload/channel", f"expected: one of {', '.join(sorted(template.channels))}"))
    if notification.silent not in {None, template.silent}:
        problems.append(Problem("/payload/visibility", "expected: that of its template"))
    if problems:
        raise Invalid(*problems)
    prepared = PreparedNotification(notification, template, values(template.variables, notification.variables))
    _check(prepared, listed)
    return prepared


def render(prepared: PreparedNotification, language: str, zone: tzinfo) -> Text:
    """What a client reads in `language`, one of the template's, with times as of `zone`; empty where it is silent."""
    text = prepared.template.texts.get(language)
    if text is None:
        return Text("", "")
    formatted = _formatted(prepared, language, zone)
    put = {name: value.text for name, value in formatted.items()}
    return Text(_filled(text.title, put), _filled(text.body, put))


def _check(prepared: PreparedNotification, listed: frozenset[str]) -> None:
    """Raise `Invalid` for what the gate refuses, a variable by itself first, to name it."""
    for name, kind in prepared.template.variables.items():
        if kind is Type.TEXT:
            _filter(prepared.values[name], prepared.values[name], listed, f"/payload/variables/{name}")
    for language, text in prepared.template.texts.items():
        formatted = _formatted(prepared, language, UTC)
        put = {name: value.text for name, value in formatted.items()}
        loose = {name: value.text if value.plain else _NEUTRAL for name, value in formatted.items()}
        for part, most in ((text.title, MAX_TITLE), (text.body, MAX_BODY)):
            whole = _filled(part, put)
            if len(whole) > most:
                raise Invalid(Problem("/payload/variables", f"a text of at most {most} characters in all expected"))
            _filter(whole, _filled(part, loose), listed, "/payload/variables")


def _filter(text: str, loose: str, listed: frozenset[str], field: str) -> None:
    reason = violation(text, loose, listed)
    if reason is not None:
        raise Invalid(Problem(field, f"no link and no unlisted number may be sent: {reason}"))


def _formatted(prepared: PreparedNotification, language: str, zone: tzinfo) -> dict[str, FormattedValue]:
    return {
        name: format_value(kind, prepared.values[name], language, zone)
        for name, kind in prepared.template.variables.items()
    }


def _filled(text: str, put: Mapping[str, str]) -> str:
    return PLACEHOLDER.sub(lambda placeholder: put[placeholder[1]], text)
