"""The senders that a configuration asks for, each with its address and its credential."""

from collections.abc import Mapping

from shared.clock import Clock
from shared.deadline import Deadline
from shared.http.credentials import Credential, basic, bearer
from shared.http.service_client import Authorise, ServiceClient
from shared.notifications.delivery_result import DeliveryResult, permanent
from shared.notifications.notification import Channel
from shared.runtime.secrets import Secrets

from .bank_sender import BankSender
from .contacts import Contacts
from .fcm import Fcm
from .sender import OutgoingPush, Sender
from .settings import Configuration, Way, needed
from .sms import Sms

BANK_TOKEN, CONTACTS_TOKEN = "bank-notifications-token", "contacts-token"
"""The secrets with a bearer token of the bank's service of notifications, and of contacts."""

SMS_CREDENTIAL = "sms-credential"
"""The secret with `user:password` at the provider of text messages."""


class DisabledSender:
    """Implements `Sender` for a channel that the bank does not use."""

    needs_device = False

    async def send(self, out: OutgoingPush, deadline: Deadline) -> DeliveryResult:  # noqa: ARG002 - the port's
        """See the port."""
        return permanent("channel_not_used")

    async def close(self) -> None:
        """Nothing is open."""


def senders(settings: Configuration, secrets: Secrets, access: Authorise, clock: Clock) -> Mapping[Channel, Sender]:
    """Who sends by which channel. `access` gives an access token for Google's APIs.

    Raises `Misconfigured`, saying what to set.
    """
    made: dict[Way, Sender] = {}
    for way in settings.ways.values():
        if way not in made:
            made[way] = _sender(way, settings, secrets, access, clock)
    return {channel: made[way] for channel, way in settings.ways.items()}


def _sender(way: Way, settings: Configuration, secrets: Secrets, access: Authorise, clock: Clock) -> Sender:
    if way is Way.NONE:
        return DisabledSender()
    if way is Way.FCM:
        project = needed(settings.fcm_project, "SLACKER_FCM_PROJECT", "the id of the apps' Firebase project")
        return Fcm(ServiceClient("FCM", settings.fcm, access, clock=clock), project, clock)
    if way is Way.BANK:
        address = needed(settings.bank, "SLACKER_BANK_NOTIFICATIONS", "the address of the bank's notification service")
        credential = Credential(secrets, BANK_TOKEN, settings.bank_version, bearer)
        return BankSender(ServiceClient("the bank's notification service", address, credential, clock=clock))
    contacts = needed(settings.contacts, "SLACKER_CONTACTS", "the address of the bank's contacts service")
    provider = needed(settings.sms, "SLACKER_SMS", "the address of the provider of text messages")
    sms_credential = Credential(secrets, SMS_CREDENTIAL, settings.sms_version, basic)
    contacts_credential = Credential(secrets, CONTACTS_TOKEN, settings.contacts_version, bearer)
    return Sms(
        ServiceClient("the provider of text messages", provider, sms_credential, clock=clock),
        Contacts(ServiceClient("the contacts service", contacts, contacts_credential, clock=clock)),
        clock,
    )
