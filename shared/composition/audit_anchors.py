"""Chooses where the audit's lines are read: in Cloud Logging, or in the log files of this machine."""

from typing import TYPE_CHECKING

from shared.audit.anchors import Anchors, AuditLines
from shared.composition.google_apis import google, in_files
from shared.composition.ports import Ports
from shared.errors import Misconfigured
from shared.signing.verifier import Verifier

if TYPE_CHECKING:
    from shared.http.service_client import Authorise

WRITERS = ("operator_api", "scheduled_work")
"""The functions that act on record."""


def anchors(ports: Ports, verifier: Verifier, authorise: "Authorise | None" = None) -> Anchors:
    """The anchors of the audit, read as this function or as `authorise` says.

    Raises `Misconfigured` in the cloud without a view of the log.
    """
    return Anchors(_lines(ports, authorise), verifier)


def _lines(ports: Ports, authorise: "Authorise | None") -> AuditLines:
    settings = ports.settings
    if in_files(settings):
        from shared.embedded.file_audit_lines import FileAuditLines  # noqa: PLC0415 - each import costs cold start

        return FileAuditLines(settings.state / "logs", WRITERS)
    if not settings.audit_log:
        raise Misconfigured("set SLACKER_AUDIT_LOG to the view of the audit's log bucket, as Terraform makes it")
    from shared.gcp.cloud_audit_lines import CloudAuditLines  # noqa: PLC0415
    from shared.gcp.log_entries import URL  # noqa: PLC0415

    client = google(ports, "Cloud Logging", URL, authorise)
    return CloudAuditLines(client, settings.audit_log, [name.replace("_", "-") for name in WRITERS])
