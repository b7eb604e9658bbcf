"""What a ticket says, in Atlassian's document format.

Source: https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/
"""

from collections.abc import Sequence
from typing import Any

from .tickets import Ticket

Node = dict[str, Any]


def document(ticket: Ticket) -> Node:
    """The description of `ticket`: the review first, then whose and why, then the details, the command last."""
    facts = [("Client", ticket.client)] if ticket.client else []
    facts += ticket.details
    content: list[Node] = []
    if ticket.review:
        content.append(_paragraph(_text("Review: "), _text(ticket.review, ticket.link)))
    if ticket.reasons:
        content += [_paragraph(_text("Reasons:")), _list([(_text(reason),) for reason in ticket.reasons])]
    if facts:
        content.append(_list([(_text(f"{name}: ", strong=True), _text(value)) for name, value in facts]))
    content.append(_paragraph(_text(f"Slacker command {ticket.command_id}")))
    return {"type": "doc", "version": 1, "content": content}


def _list(items: Sequence[tuple[Node, ...]]) -> Node:
    return {"type": "bulletList", "content": [{"type": "listItem", "content": [_paragraph(*item)]} for item in items]}


def _paragraph(*content: Node) -> Node:
    return {"type": "paragraph", "content": list(content)}


def _text(text: str, link: str = "", *, strong: bool = False) -> Node:
    marks: list[Node] = [{"type": "link", "attrs": {"href": link}}] if link else []
    if strong:
        marks.append({"type": "strong"})
    return {"type": "text", "text": text, "marks": marks} if marks else {"type": "text", "text": text}
