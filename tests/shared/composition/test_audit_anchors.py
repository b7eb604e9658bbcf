"""Where the audit's lines are read: files on one machine and beside emulators, a log view in the cloud."""

from collections.abc import Mapping

import pytest

from shared.audit.anchors import Anchors
from shared.composition.audit_anchors import anchors
from shared.composition.ports import open_ports
from shared.composition.signing import verifier
from shared.embedded.file_audit_lines import FileAuditLines
from shared.errors import Misconfigured
from shared.gcp.cloud_audit_lines import CloudAuditLines
from tests.shared.composition.test_signing import CLOUD, EMULATED, LOCAL

VIEW = {"SLACKER_AUDIT_LOG": "projects/bank/locations/l/buckets/slacker-audit/views/_AllLogs"}


def _anchors(environ: Mapping[str, str]) -> Anchors:
    ports = open_ports(environ)
    return anchors(ports, verifier(ports))


@pytest.mark.parametrize(
    ("environ", "adapter"),
    [(LOCAL, FileAuditLines), (EMULATED, FileAuditLines), ({**CLOUD, **VIEW}, CloudAuditLines)],
    ids=str,
)
async def test_the_settings_choose_where_lines_are_read(environ: Mapping[str, str], adapter: type) -> None:
    assert type(_anchors(environ).lines) is adapter


async def test_in_the_cloud_a_view_of_the_log_is_needed() -> None:
    with pytest.raises(Misconfigured, match="SLACKER_AUDIT_LOG"):
        _anchors(CLOUD)
