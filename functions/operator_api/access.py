"""Who may do what here, and that it is on record: refusals, and what is read before it is shown."""

import msgspec

from shared.audit.change import AuditContext, AuditedChange, ChangeResult, DocumentsRead
from shared.audit.log import AuditLog
from shared.errors import Forbidden
from shared.http.api import DESCRIBE, ApiRequest, ApiResponse
from shared.http.callers import Callers
from shared.http.request import HttpRequest
from shared.http.routes import Route

from .roles import Operators

WITHIN = 20.0
"""Seconds for one call: a person waits for it."""

OperatorRequest = ApiRequest[str]
"""A request of an operator: the caller is the e-mail address."""


def audit_context(request: OperatorRequest, reason: str = "") -> AuditContext:
    """What the audit is told: who, what, when and why."""
    return AuditContext(request.caller, request.operation.id, request.now, reason, request.trace)


class OperatorAccess(msgspec.Struct, frozen=True):
    """Implements `shared.http.api.Access`: an operation takes one of the roles that its document names."""

    callers: Callers
    operators: Operators
    audit: AuditLog

    def operator(self, request: HttpRequest) -> str:
        """The e-mail address of the operator who calls; raises `Unauthenticated` and `Forbidden`."""
        email = self.callers.identify(request.headers).email
        if email not in self.operators:
            raise Forbidden(f"{email} is no operator: see SLACKER_OPERATORS")
        return email

    async def authorise(self, request: HttpRequest, route: Route) -> str:
        """See the port. A refusal is on record before it is given."""
        email, operation = self.operator(request), route.operation
        if operation.id == DESCRIBE or operation.roles & self.operators[email]:
            return email
        roles = " or ".join(sorted(operation.roles))
        error = Forbidden(f"{email} may not: it takes the role {roles}, see SLACKER_OPERATORS")

        def refuse(_: DocumentsRead) -> ChangeResult[None]:
            raise error

        context = AuditContext(email, operation.id, request.clock.now(), trace=request.trace)
        await self.audit.record(
            AuditedChange(context, (), refuse, tuple(route.path.values())), request.deadline(WITHIN)
        )
        raise error

    async def record(self, request: OperatorRequest, response: ApiResponse) -> None:
        """Put on record what is read. Whatever else an operation does, its handler does through `shared.audit`."""
        if request.operation.method == "GET":
            reason = request.query.get("why") or ""
            await self.audit.note(audit_context(request, reason), response.targets, response.subjects, request.deadline)
