"""The account signed in to Google Cloud on this machine: Application Default Credentials, and their e-mail address."""

from dataclasses import dataclass, field

import google.auth
import google.auth.exceptions
from google.auth.transport.requests import Request

from shared.deadline import Deadline
from shared.errors import Unauthenticated, Unavailable
from shared.gcp import rest

USERINFO = "https://openidconnect.googleapis.com/v1/userinfo"
"""OpenID Connect's userinfo endpoint (https://accounts.google.com/.well-known/openid-configuration)."""

_SCOPES = (
    "https://www.googleapis.com/auth/cloud-platform",
    "https://www.googleapis.com/auth/userinfo.email",
    "openid",
)
_SIGN_IN = "nobody is signed in to Google Cloud here: gcloud auth application-default login"


@dataclass(slots=True)
class Account:
    """The account that signed in; `userinfo` is the URL of OpenID Connect's endpoint."""

    userinfo: str = USERINFO
    _token: str = field(default="", repr=False)

    def token(self) -> str:
        """An access token, fetched once. Raises `Unauthenticated` where nobody is signed in, `Unavailable`."""
        if not self._token:
            self._token = _access_token()
        return self._token

    def email(self, deadline: Deadline) -> str:
        """The account's verified e-mail address, in lower case. Raises `Unauthenticated` and what `rest.call` does."""
        claims = rest.call(self.userinfo, self.token(), deadline)
        email = claims.get("email")
        if not isinstance(email, str) or claims.get("email_verified") not in {True, "true"}:
            raise Unauthenticated("Google does not say whose sign-in this is: gcloud auth application-default login")
        return email.lower()


def _access_token() -> str:
    try:
        credentials, _ = google.auth.default(scopes=_SCOPES)
        credentials.refresh(Request())  # type: ignore[no-untyped-call]  # google-auth is typed in part
    except google.auth.exceptions.TransportError as error:
        raise Unavailable("Google's sign-in cannot be reached") from error
    except google.auth.exceptions.GoogleAuthError as error:
        raise Unauthenticated(_SIGN_IN) from error
    return str(credentials.token)
