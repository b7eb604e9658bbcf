"""The way to Google's APIs that have no emulator: called in the cloud, and replaced by files on one machine."""

from typing import TYPE_CHECKING

from shared.composition.ports import Ports
from shared.runtime.settings import AdapterSet, Settings

if TYPE_CHECKING:
    from shared.http.service_client import Authorise, ServiceClient


def in_files(settings: Settings) -> bool:
    """Whether files of this machine stand in for them, as where documents are in an emulator or here."""
    return settings.adapters is not AdapterSet.GCP or bool(settings.firestore_emulator)


def google(ports: Ports, name: str, url: str, authorise: "Authorise | None" = None) -> "ServiceClient":
    """A client of one of them, as this function or as `authorise` says."""
    from shared.gcp.access_token import AccessToken  # noqa: PLC0415 - each import costs cold start
    from shared.http.service_client import ServiceClient  # noqa: PLC0415

    access = authorise or AccessToken(ports.settings.metadata_host, ports.clock)
    return ServiceClient(name, url, access, clock=ports.clock)
