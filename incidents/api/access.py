"""Who asks: a token, a cookie that was got for one, or nobody."""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from db.errors import InputError
from db.vocabulary import Role
from incidents.api.problems import ProblemError
from incidents.tiers import Tier
from incidents.tokens import RECORDERS, Holder, holder_named, holder_of

COOKIE = "atlas_session"
SESSION_S = 12 * 3600
FAILURES, WINDOW_S = 10, 60.0
"""So many wrong tokens from one address in so many seconds, and none is looked at any more."""
MOST_ADDRESSES = 10_000
LOCAL = "local"


@dataclass(frozen=True)
class Caller:
    """Who asks. ``role`` is None for somebody without a token, who sees the public tier where that is allowed."""

    who: str
    role: Role | None
    tier: Tier

    @property
    def may_write(self) -> bool:
        """Whether the caller may record."""
        return self.role in RECORDERS

    def seen(self, asked: Tier | None) -> Tier:
        """The tier to answer in: what leaves the product is public unless a signed-in person asks for more.

        Raises:
            InputError: ``forbidden``, more is asked for than the caller may see.
        """
        order = list(Tier)
        if asked is not None and order.index(asked) > order.index(self.tier):
            raise InputError("forbidden", "The token does not allow this tier.", where="tier", got=asked.value)
        return asked or Tier.PUBLIC


@dataclass
class Access:
    """What a server lets in.

    Attributes:
        hosts: the names it answers to, without ports.
        secret: signs the cookies; another one ends all sessions.
        public_read: whether somebody without a token sees the public tier.
        local_token: the token of the person at this machine, and the name that changes are recorded under.
        secure: whether cookies are for TLS only.
    """

    hosts: frozenset[str]
    secret: str
    public_read: bool = False
    local_token: str | None = None
    local_name: str = LOCAL
    secure: bool = False
    login_keys: set[str] = field(default_factory=set)
    _failures: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def new_login_key(self) -> str:
        """A key for one login of the person at this machine."""
        key = secrets.token_urlsafe(24)
        self.login_keys.add(key)
        return key

    def use_login_key(self, key: str) -> bool:
        """Whether ``key`` was made here and not used; it is used now."""
        if key not in self.login_keys:
            return False
        self.login_keys.remove(key)
        return True

    def is_local(self, text: str) -> bool:
        """Whether ``text`` is the token of this machine."""
        known = self.local_token
        return known is not None and hmac.compare_digest(known.encode(), text.encode("utf-8", "surrogatepass"))

    def cookie_for(self, name: str) -> str:
        """The signed text that stands for the holder of the token called ``name``."""
        return self._serializer().dumps(name)

    def name_in(self, cookie: str) -> str | None:
        """The name in a cookie that was signed here and is not too old."""
        try:
            name = self._serializer().loads(cookie, max_age=SESSION_S)
        except BadSignature:
            return None
        return name if isinstance(name, str) else None

    def _serializer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="session")

    def check_failures(self, address: str) -> None:
        """Refuse an address that gave too many wrong tokens.

        Raises:
            ProblemError: ``too_many_failures``.
        """
        tried = self._failures.get(address)
        if tried is None:
            return
        while len(tried) > 0 and tried[0] < time.monotonic() - WINDOW_S:
            tried.popleft()
        if len(tried) == 0:
            del self._failures[address]
        if len(tried) >= FAILURES:
            error = InputError("too_many_failures", "Too many wrong tokens came from this address.")
            raise ProblemError(error, headers={"Retry-After": str(round(WINDOW_S))})

    def note_failure(self, address: str) -> None:
        """Remember that a wrong token came from ``address``."""
        if len(self._failures) >= MOST_ADDRESSES:
            self._failures.clear()
        self._failures[address].append(time.monotonic())


def caller(request: Request) -> Caller:
    """The person or program that asks.

    Raises:
        InputError: ``unauthorised``, nobody that may see anything; ``too_many_failures``.
    """
    access: Access = request.app.state.access
    given = request.headers.get("authorization")
    if given is not None:
        return by_token(request, _token_in(given))
    cookie = request.cookies.get(COOKIE)
    found = None if cookie is None else _by_cookie(request, access, cookie)
    if found is not None:
        return found
    if access.public_read:
        return Caller("anonymous", None, Tier.PUBLIC)
    raise _unauthorised("Nobody is signed in.")


def by_token(request: Request, text: str) -> Caller:
    """The holder of the token ``text``.

    Raises:
        InputError: ``unauthorised``, it is not accepted; ``too_many_failures``.
    """
    access: Access = request.app.state.access
    address = request.client.host if request.client is not None else ""
    access.check_failures(address)
    if access.is_local(text):
        return _local(access)
    with request.app.state.reader.session() as session:
        holder = holder_of(session, text)
    if holder is None:
        access.note_failure(address)
        raise _unauthorised("The token is not accepted.")
    return _caller(holder)


async def asking(request: Request) -> Caller:
    """As :func:`caller`; FastAPI would give a function that is not async to a thread, which costs more than it does."""
    return caller(request)


async def editor(found: Annotated[Caller, Depends(asking)]) -> Caller:
    """The caller, who may record.

    Raises:
        InputError: ``forbidden``.
    """
    if not found.may_write:
        raise InputError("forbidden", "Only editors record.", fix="Ask an admin for a token of an editor.")
    return found


Reading = Annotated[Caller, Depends(asking)]
Recording = Annotated[Caller, Depends(editor)]


def _token_in(header: str) -> str:
    """The token of an Authorization header: as Bearer, or as the password of Basic, which GDAL and QGIS can send."""
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return ""


def _by_cookie(request: Request, access: Access, cookie: str) -> Caller | None:
    name = access.name_in(cookie)
    if name is None:
        return None
    if name == LOCAL:
        return _local(access) if access.local_token is not None else None
    with request.app.state.reader.session() as session:
        holder = holder_named(session, name)
    return None if holder is None else _caller(holder)


def _local(access: Access) -> Caller:
    return Caller(access.local_name, Role.ADMIN, Tier.INTERNAL)


def _caller(holder: Holder) -> Caller:
    return Caller(holder.name, holder.role, holder.tier)


def _unauthorised(why: str) -> InputError:
    return InputError("unauthorised", why, fix="Send a token as Authorization: Bearer, or sign in at /login.")
