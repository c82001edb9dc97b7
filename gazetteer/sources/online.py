"""Online geocoding services, asked only where somebody says so: Nominatim, Photon and GeoNames, through geopy.

To ask a service is to tell it which place is being looked into; for a place that nobody should know of, do not.
Each answer, an empty one too, is kept in the table ``service_answer`` with service, time and licence, so that nobody
asks it twice and it can be had offline. It never becomes part of the gazetteer by itself, and no probability is
claimed for it: the services give none.

Rules kept: those of the public Nominatim (operations.osmfoundation.org/policies/nominatim: one request a second, a
user agent that names the application, caching, attribution), applied to the other public services as well.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Any

from geopy.adapters import URLLibAdapter
from geopy.exc import (
    GeocoderAuthenticationFailure,
    GeocoderInsufficientPrivileges,
    GeocoderParseError,
    GeocoderQuotaExceeded,
    GeocoderTimedOut,
    GeopyError,
)
from geopy.extra.rate_limiter import RateLimiter
from geopy.geocoders import GeoNames, Nominatim, Photon
from sqlmodel import Session, select

from db.cells import clean_text
from db.engine import Database
from db.errors import InputError, NotFoundError, ResourceError
from db.session import read_session, write_session
from db.tables import ServiceAnswer
from db.tables.base import LINE, PAGE
from db.types import utc_now
from gazetteer.search.answer import Candidate
from gazetteer.sources.download import is_loopback
from gazetteer.sources.online_results import candidate_of

LEAST_DELAY_S = 1.0
"""Between two requests to a public service, seconds."""
MOST_RESULTS = 10
_ODBL = "ODbL 1.0, © OpenStreetMap contributors, https://www.openstreetmap.org/copyright"
_PHOTON_LANGUAGES = frozenset({"en", "de", "fr"})
_NO_NAMES = ("geopy", "python-urllib", "python-requests", "my-application", "my_app", "specify_your_app_name", "test",
             "incident-atlas")  # fmt: skip
_LIMITERS: dict[str, Any] = {}


class Service(StrEnum):
    """A geocoding service."""

    NOMINATIM = "nominatim"
    PHOTON = "photon"
    GEONAMES = "geonames"


PUBLIC_HOSTS = {
    Service.NOMINATIM: "nominatim.openstreetmap.org",
    Service.PHOTON: "photon.komoot.io",
    Service.GEONAMES: "secure.geonames.org",
}
LICENCES = {
    Service.NOMINATIM: _ODBL,
    Service.PHOTON: _ODBL,
    Service.GEONAMES: "CC BY 4.0, GeoNames, https://www.geonames.org",
}


@dataclass(frozen=True, slots=True)
class OnlineAnswer:
    """What a service answered.

    Attributes:
        service: which.
        query: the request, as it is kept.
        asked_at: when the service was asked, UTC.
        licence: of the data; it goes wherever the answer goes.
        cached: whether the answer was here already.
        candidates: as the service ranks them; ``probability`` is 0, because the service claims none.
        results: the service's own records, raw.
    """

    service: Service
    query: str
    asked_at: datetime
    licence: str
    cached: bool
    candidates: tuple[Candidate, ...]
    results: tuple[Any, ...]


class OnlineGeocoder:
    """Asks one service, never faster than it allows, and keeps what it answers.

    Args:
        database: where the answers are kept; it must be writable.
        service: ``nominatim``, ``photon`` or ``geonames``.
        user_agent: names your own application or your address, for example ``"casualty-desk (desk@example.org)"``.
        who: name of the person or program, for the change set of each kept answer.
        timeout: seconds to wait for an answer.
        username: of your GeoNames account.
        domain: host, and port if need be, of a service of your own.
        scheme: ``https``, or ``http`` for a service of your own.
        min_delay_s: seconds between two requests; at least 1 for the public services.

    Raises:
        InputError: ``unknown_service``, ``no_user_agent``, ``no_username``, ``insecure_service``.
    """

    def __init__(
        self, database: Database, service: str = "nominatim", *, user_agent: str, who: str = "online geocoder",
        timeout: float = 10.0, username: str | None = None, domain: str | None = None, scheme: str = "https",
        min_delay_s: float = 0.0,
    ) -> None:  # fmt: skip
        self.service = _service(service)
        self.domain = (domain or PUBLIC_HOSTS[self.service]).strip("/")
        self.licence = LICENCES[self.service]
        self._database, self._who = database, who
        _check_scheme(self.service, self.domain, scheme)
        public = self.domain in PUBLIC_HOSTS.values()
        self._delay_s = max(min_delay_s, LEAST_DELAY_S) if public else min_delay_s
        self._geocoder = _geocoder(
            self.service, username, user_agent=_user_agent(user_agent), timeout=timeout, domain=self.domain,
            scheme=scheme, adapter_factory=URLLibAdapter,
            proxies={} if is_loopback(self.domain.partition(":")[0]) else None,
        )  # fmt: skip

    def search(
        self, text: str, *, country: str | None = None, language: str | None = None, limit: int = MOST_RESULTS
    ) -> OnlineAnswer:
        """What the service knows under ``text``, or knew when it was asked first.

        Args:
            text: a name or an address.
            country: ISO 3166 two-letter code; results elsewhere are left out.
            language: ISO 639-1 code in which names are wanted; Photon and GeoNames heed it little or not at all.
            limit: most candidates, at most 10.

        Raises:
            InputError: ``empty_query``, ``too_long``, ``out_of_range``, ``bad_country``, or a character that may not
                be stored; ResourceError: ``service_unavailable``, ``service_timed_out``, ``service_refused``,
                ``service_unreadable``, ``cannot_keep``.
        """
        query = self._query(text, country, language, limit)
        with read_session(self._database) as session:
            held = self._held(session, query)
        if held is not None:
            return held
        if not self._database.primary().state().writable:
            why = "The database is read-only, so the answer could not be kept and would be asked for again."
            raise ResourceError("cannot_keep", why, where=self._database.where, fix="Use a copy that you may write.")
        return self._kept(query, self._asked(json.loads(query)))

    def cached(
        self, text: str, *, country: str | None = None, language: str | None = None, limit: int = MOST_RESULTS
    ) -> OnlineAnswer | None:
        """The kept answer to just this question, without asking anybody; None where it was never asked."""
        with read_session(self._database) as session:
            return self._held(session, self._query(text, country, language, limit))

    def _query(self, text: str, country: str | None, language: str | None, limit: int) -> str:
        """The request as it is kept: the same question has the same text."""
        name = " ".join(unicodedata.normalize("NFC", clean_text(text, "query", max_length=LINE)).split())
        if name == "":
            raise InputError("empty_query", "There is nothing to ask for.", got=text)
        if not 1 <= limit <= MOST_RESULTS:
            raise InputError("out_of_range", f"A service is asked for 1 to {MOST_RESULTS} results.", got=limit)
        asked = {
            "host": self.domain, "q": name, "country": None if country is None else _country(country),
            "language": language and language.strip().lower(), "limit": limit,
        }  # fmt: skip
        query = json.dumps(asked, ensure_ascii=False)
        if len(query) > LINE:
            raise InputError("too_long", f"The question is kept in {LINE} characters and needs more.", got=name)
        return query

    def _held(self, session: Session, query: str) -> OnlineAnswer | None:
        wanted = select(ServiceAnswer).where(ServiceAnswer.service == self.service.value, ServiceAnswer.query == query)
        row = session.exec(wanted).first()
        if row is None:
            return None
        return _answer(self.service, query, row.asked_at, row.licence, json.loads(row.answer), cached=True)

    def _asked(self, query: Mapping[str, Any]) -> list[Any]:
        """The service's own records."""
        limiter = _limiter(self.domain, self._delay_s)
        try:
            found = limiter(partial(self._geocoder.geocode, query["q"], exactly_one=False, **self._options(query)))
        except GeopyError as error:
            raise self._failed(error) from error
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            # geopy takes the answer apart without looking what it is.
            raise self._unreadable() from error
        return [location.raw for location in found or [] if location is not None][: query["limit"]]

    def _options(self, query: Mapping[str, Any]) -> dict[str, Any]:
        country, language = query["country"], query["language"]
        if self.service is Service.NOMINATIM:
            options = {"limit": query["limit"], "addressdetails": True, "country_codes": country, "language": language}
        elif self.service is Service.PHOTON:
            options = {"limit": query["limit"], "language": language if language in _PHOTON_LANGUAGES else None}
        else:
            options = {"country": country}
        return {name: value for name, value in options.items() if value is not None}

    def _failed(self, error: GeopyError) -> ResourceError:
        where, service = self.domain, self.service.value
        if isinstance(error, GeocoderParseError):
            return self._unreadable()
        if isinstance(error, GeocoderTimedOut):
            fix = "Try again later or with a longer timeout; answers had before are kept."
            return ResourceError("service_timed_out", f"{service} did not answer in time.", where=where, fix=fix)
        if isinstance(error, (GeocoderQuotaExceeded, GeocoderAuthenticationFailure, GeocoderInsufficientPrivileges)):
            fix = "Ask less often, see that user agent and account are right, or run a service of your own."
            return ResourceError("service_refused", f"{service} refuses the request: {error}.", where=where, fix=fix)
        fix = "Check the connection; without it only what was asked before can be had."
        return ResourceError("service_unavailable", f"{service} cannot be asked: {error}.", where=where, fix=fix)

    def _unreadable(self) -> ResourceError:
        why = f"What {self.service.value} sent is not its usual JSON."
        return ResourceError("service_unreadable", why, where=self.domain, fix="See that the host is such a service.")

    def _kept(self, query: str, results: Sequence[Any]) -> OnlineAnswer:
        """The answer, stored; where another process was first, its answer stands."""
        text = _as_json(results)
        with write_session(self._database, who=self._who, why=f"{self.service.value} was asked") as session:
            held = self._held(session, query)
            if held is not None:
                return held
            at = utc_now()
            session.add(
                ServiceAnswer(
                    service=self.service.value, query=query, asked_at=at, licence=self.licence, answer=text
                )
            )  # fmt: skip
        return _answer(self.service, query, at, self.licence, json.loads(text), cached=False)


def _answer(
    service: Service, query: str, asked_at: datetime, licence: str, results: Sequence[Any], *, cached: bool
) -> OnlineAnswer:
    country = json.loads(query)["country"]
    found = [candidate_of(service.value, result, licence, asked_at) for result in results]
    inside = (one for one in found if one is not None and (country is None or one.country in (None, country)))
    return OnlineAnswer(service, query, asked_at, licence, cached, tuple(inside), tuple(results))


def _as_json(results: Sequence[Any]) -> str:
    """The results as JSON; those that no longer fit its column are left off, the last first."""
    for count in range(len(results), 0, -1):
        text = json.dumps(results[:count], ensure_ascii=False)
        if len(text) <= PAGE:
            # Half of a surrogate pair, which JSON can escape and no file can hold, becomes a question mark.
            return text.encode("utf-8", "replace").decode("utf-8")
    return "[]"


def _service(name: str) -> Service:
    try:
        return Service(name)
    except ValueError:
        fix = f"Use one of {', '.join(Service)}."
        raise NotFoundError("unknown_service", "There is no such service.", got=name, fix=fix) from None


def _country(text: str) -> str:
    code = text.strip().upper()
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        fix = "Use the two-letter ISO 3166 code, for example SY."
        raise InputError("bad_country", "This is no code of a country.", got=text, fix=fix)
    return code


def _user_agent(text: str) -> str:
    """``text``, if it names somebody (the services ask for that and answer others with 403)."""
    agent = text.strip()
    if len(agent) < 4 or not agent.isascii() or not agent.isprintable() or agent.lower().startswith(_NO_NAMES[:-1]):
        agent = ""
    if agent == "" or agent.lower().split("/")[0] == _NO_NAMES[-1]:
        raise InputError(
            "no_user_agent", "The services want to know who asks, and refuse a general name.", got=text,
            fix='Name your own application and an address, in ASCII: "casualty-desk (desk@example.org)".',
        )  # fmt: skip
    return agent


def _check_scheme(service: Service, domain: str, scheme: str) -> None:
    if scheme == "https" or (scheme == "http" and domain not in PUBLIC_HOSTS.values()):
        return
    why = f"{service.value} is asked over https: over plain http anybody on the way reads which place you look into."
    raise InputError("insecure_service", why, got=f"{scheme}://{domain}", fix="Leave the scheme out.")


def _geocoder(service: Service, username: str | None, **options: Any) -> Any:
    if service is Service.GEONAMES:
        if not username:
            fix = "Make an account at geonames.org and give its name."
            raise InputError("no_username", "GeoNames answers only to the name of an account.", fix=fix)
        return GeoNames(username, **options)
    return (Nominatim if service is Service.NOMINATIM else Photon)(**options)


def _limiter(domain: str, delay_s: float) -> Any:
    """The one limiter for a host in this process, whoever asks; its delay is the longest that anybody wants.

    An error is passed on at once: to ask again what was refused is what the services forbid.
    """
    limiter = _LIMITERS.setdefault(
        domain, RateLimiter(_call, max_retries=0, error_wait_seconds=0.0, swallow_exceptions=False)
    )
    limiter.min_delay_seconds = max(limiter.min_delay_seconds, delay_s)
    return limiter


def _call(question: Callable[[], Any]) -> Any:
    return question()
