"""Links to maps, and geo: URIs (RFC 5870).

A link to a pin names a point. A link to a stretch of map names only what was on the screen: its middle is the point,
and the radius is half the width of one map tile at its zoom, pi a cos(latitude) / 2^zoom metres (this project's own
rule, on the usual tiling of 256 pixels, where zoom 0 shows the whole equator, 2 pi a, in one tile). Decimals of such a
link are the screen's, not the writer's. Nothing is fetched: a shortened link must be opened by a person.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, parse_qs, unquote_plus, urlsplit

from gazetteer.coordinates.angles import read_angles
from gazetteer.coordinates.cleaning import MAX_TEXT, clean
from gazetteer.coordinates.plus_codes import read_plus_code
from gazetteer.coordinates.point import Coordinates, Degrees, Given, Notation
from gazetteer.geodesy import EQUATOR_M

_LINK = re.compile(r"(?P<scheme>https?://)?(?P<host>[a-z0-9-]+(?:\.[a-z0-9-]+){1,5})(?::[0-9]{1,5})?(?:[/?#].*)?", re.I)
_SHORTENERS = frozenset({
    "goo.gl", "maps.app.goo.gl", "g.co", "g.page", "bit.ly", "t.co", "tinyurl.com", "ow.ly", "is.gd", "binged.it",
    "cutt.ly", "rb.gy",
})  # fmt: skip
_FIX = "Give the coordinates themselves, or a link that shows them."
_SHORT_FIX = "Open the link in a browser, wait for the map and copy the long address from its address bar."

_N = r"[-+]?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_PAIR = re.compile(rf"(?:loc:)?\s?({_N})\s?[,~/_]\s?({_N})(?:\s?\([^()]{{0,200}}\))?")
_GOOGLE_PIN = re.compile(rf"!3d({_N})!4d({_N})(?![0-9.])")
_GOOGLE_VIEW = re.compile(rf"/@({_N}),({_N})(?:,([0-9]{{1,9}}(?:\.[0-9]{{1,9}})?)([amz]))?")
_GOOGLE_TEXT = re.compile(r"/maps/(?:place|search)/([^/@]{1,400})")
_OSM_VIEW = re.compile(rf"(?:^|&)map=([0-9]{{1,2}}(?:\.[0-9]{{1,6}})?)/({_N})/({_N})(?:&|$)")
_BING_PIN = re.compile(rf"point\.({_N})_({_N})(?:_.*)?")
_GEO = re.compile(rf"geo: ?({_N}) ?, ?({_N})(?:,{_N.replace('{1,3}', '{1,6}')})?((?:;[^?]*)?)(?:\?(.*))?", re.I)
_GEO_ALIKE = re.compile(r"geo: ?[-+0-9.]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Site:
    """How one map site writes points into its links.

    Args:
        host: pattern of its host names.
        pins: parameters with the pair of a pin.
        texts: parameters with what was searched for, which may be coordinates.
        views: parameters with the pair of the middle of the map, each with that of its zoom.
        split_pins: two parameters of a pin, latitude and longitude.
        split_views: two parameters of the middle, then the zoom.
        lon_first: whether pairs have longitude first.
    """

    host: re.Pattern[str]
    pins: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    views: tuple[tuple[str, str], ...] = ()
    split_pins: tuple[str, str] | None = None
    split_views: tuple[str, str, str] | None = None
    lon_first: bool = False


def _host(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:[a-z0-9-]+\.){{0,3}}{pattern}")


_GOOGLE = _Site(
    _host(r"google(?:\.[a-z]{2,3}){1,2}"), pins=("cbll", "viewpoint"), texts=("q", "query"),
    views=(("ll", "z"), ("center", "zoom")),
)  # fmt: skip
_OSM = _Site(
    _host(r"(?:openstreetmap|osm)\.org"), texts=("query",), split_pins=("mlat", "mlon"),
    split_views=("lat", "lon", "zoom"),
)  # fmt: skip
_BING = _Site(_host(r"bing\.com"), texts=("q", "where1"), views=(("cp", "lvl"),))
_SITES = (
    _GOOGLE,
    _OSM,
    _BING,
    _Site(_host(r"maps\.apple\.com"), pins=("ll", "coordinate"), texts=("q",), views=(("center", "z"),)),
    _Site(_host(r"wikimapia\.org"), split_views=("lat", "lon", "z")),
    _Site(_host(r"waze\.com"), pins=("ll",), texts=("q",)),
    _Site(_host(r"yandex(?:\.[a-z]{2,3}){1,2}"), pins=("pt", "whatshere[point]"), views=(("ll", "z"),), lon_first=True),
)


def read_link(given: Given) -> Coordinates | None:
    """The point that a link to a map names; None where the text is no link.

    Args:
        given: the text as given.

    Raises:
        InputError: ``short_link``, ``unknown_link`` (no map site that is known), ``link_without_point``,
            ``two_values`` (a route, several pins), ``extra_text``, ``bad_link``, and those of the point.
    """
    text = given.text.strip("\ufeff\u200e\u200f \t\r\n<>")
    found = _LINK.fullmatch(text)
    if found is None or any(char.isspace() for char in text):
        if "://" in text:
            raise given.bad("extra_text", "Beside a link there are other words.", _FIX)
        return None
    host = found["host"].lower().removeprefix("www.")
    site = next((site for site in _SITES if site.host.fullmatch(host)), None)
    if host in _SHORTENERS or (site is _OSM and "/go/" in text):
        raise given.bad("short_link", "A shortened link does not hold the coordinates.", _SHORT_FIX)
    if site is None:
        if found["scheme"] is None:
            return None
        raise given.bad("unknown_link", f"{host} is no map site whose links are known.", _FIX)
    return _located(given, site, text if found["scheme"] else f"https://{text}")


def _located(given: Given, site: _Site, text: str) -> Coordinates:
    try:
        link = urlsplit(text)
        fields = {name: values[-1] for name, values in parse_qs(f"{link.query}&{link.fragment}").items()}
    except ValueError as error:
        raise given.bad("bad_link", "The link is broken.", _FIX) from error
    if site is _GOOGLE and "/maps/dir" in link.path:
        raise given.bad("two_values", "A route has two ends.", _FIX)
    found = _pin(given, site, link, fields) or _searched(given, site, link, fields) or _view(given, site, link, fields)
    if found is None:
        raise given.bad("link_without_point", "The link shows no coordinates.", _FIX)
    return found


def _pin(given: Given, site: _Site, link: SplitResult, fields: dict[str, str]) -> Coordinates | None:
    """The point of a pin, or of where a street picture was taken."""
    if site is _GOOGLE:
        pins = set(_GOOGLE_PIN.findall(unquote_plus(link.path)))
        if len(pins) > 1:
            raise given.bad("two_values", "The link has several pins.", _FIX)
        if len(pins) == 1:
            return _point(given, *pins.pop())
    if site is _BING and (bing := _BING_PIN.fullmatch(fields.get("sp", ""))) is not None:
        return _point(given, bing[1], bing[2])
    if site.split_pins is not None and all(name in fields for name in site.split_pins):
        return _joined(given, *(fields[name] for name in site.split_pins))
    for name in site.pins:
        if (pair := _PAIR.fullmatch(fields.get(name, ""))) is not None:
            return _point(given, *_ordered(site, pair))
    return None


def _searched(given: Given, site: _Site, link: SplitResult, fields: dict[str, str]) -> Coordinates | None:
    """Coordinates that were typed into the search of a map."""
    texts = [fields[name] for name in site.texts if name in fields]
    if site is _GOOGLE and (path := _GOOGLE_TEXT.search(link.path)) is not None:
        texts.append(unquote_plus(path[1]))
    for text in texts:
        found = _read_text(given, text)
        if found is not None:
            return found
    return None


def _read_text(given: Given, text: str) -> Coordinates | None:
    if (pair := _PAIR.fullmatch(text)) is not None:
        return _point(given, pair[1], pair[2])
    plain = clean(text)
    if len(plain) > MAX_TEXT:
        return None
    found = read_plus_code(given, plain) or read_angles(given, plain)
    return None if found is None else replace(found, notation=Notation.MAP_LINK)


def _view(given: Given, site: _Site, link: SplitResult, fields: dict[str, str]) -> Coordinates | None:
    """The middle of a stretch of map."""
    if site is _GOOGLE and (google := _GOOGLE_VIEW.search(unquote_plus(link.path))) is not None:
        return _google_view(given, google)
    if site is _OSM and (osm := _OSM_VIEW.search(unquote_plus(link.fragment))) is not None:
        return _point(given, osm[2], osm[3], zoom=osm[1])
    for name, zoom in site.views:
        if (pair := _PAIR.fullmatch(fields.get(name, ""))) is not None:
            return _point(given, *_ordered(site, pair), zoom=fields.get(zoom, ""))
    if site.split_views is not None and all(name in fields for name in site.split_views[:2]):
        lat, lon, zoom = site.split_views
        return _joined(given, fields[lat], fields[lon], zoom=fields.get(zoom, ""))
    return None


def _google_view(given: Given, found: re.Match[str]) -> Coordinates:
    """The middle: by zoom (z), by the metres shown from top to bottom (m), or a picture's own place (a)."""
    if found[4] == "m":
        point = _point(given, found[1], found[2])
        return replace(point, radius_m=max(point.radius_m, float(found[3]) / 2), notation=Notation.MAP_VIEW)
    return _point(given, found[1], found[2], zoom=found[3] if found[4] == "z" else "")


def _ordered(site: _Site, pair: re.Match[str]) -> tuple[str, str]:
    """Latitude and longitude of a pair."""
    return (pair[2], pair[1]) if site.lon_first else (pair[1], pair[2])


def _joined(given: Given, lat: str, lon: str, *, zoom: str = "") -> Coordinates | None:
    pair = _PAIR.fullmatch(f"{lat},{lon}")
    return None if pair is None else _point(given, pair[1], pair[2], zoom=zoom)


def _point(given: Given, lat: str, lon: str, *, zoom: str = "") -> Coordinates:
    """The point of two numbers; with a zoom, the middle of what the map shows."""
    point = given.point(_degrees(lon), _degrees(lat), Notation.MAP_LINK)
    if re.fullmatch(r"[0-9]{1,2}(?:\.[0-9]{1,9})?", zoom) is None:
        return point
    shown_m = math.pi * EQUATOR_M * math.cos(math.radians(point.lat)) / 2 ** float(zoom)
    return replace(point, radius_m=max(point.radius_m, math.ceil(shown_m)), notation=Notation.MAP_VIEW)


def _degrees(number: str) -> Degrees:
    return Degrees(float(number), 10.0 ** -len(number.partition(".")[2]) / 2)


def read_geo_uri(given: Given, text: str) -> Coordinates | None:
    """The point of a geo: URI with its uncertainty ``u`` in metres; None where the text is none.

    Android's ``geo:0,0?q=36.3350,43.1189(label)`` names the point of its query.

    Args:
        given: the text as given.
        text: the same, cleaned.

    Raises:
        InputError: ``bad_geo_uri``, ``unsupported_crs``, ``extra_text`` (a search beside the point), and those of
            the point.
    """
    if _GEO_ALIKE.match(text) is None:
        return None
    found = _GEO.fullmatch(text)
    if found is None:
        raise given.bad("bad_geo_uri", "This is no geo: URI.", "Write it like geo:36.3350,43.1189.")
    fields = dict(part.lower().partition("=")[::2] for part in found[3].split(";"))
    if fields.get("crs", "wgs84") != "wgs84":
        raise given.bad("unsupported_crs", "The URI names another reference system than WGS84.", _FIX)
    lat, lon = found[1], found[2]
    query = parse_qs(found[4] or "").get("q", [])
    if len(query) > 0:
        pair = _PAIR.fullmatch(query[-1])
        if pair is None:
            raise given.bad("extra_text", "Beside the point the URI searches for words.", _FIX)
        lat, lon = pair[1], pair[2]
    stated = fields.get("u", "0")
    if re.fullmatch(r"[0-9]{1,8}(?:\.[0-9]{1,9})?", stated) is None:
        raise given.bad("bad_geo_uri", "The uncertainty u is not a number of metres.", "Write it like ;u=35.")
    return given.point(_degrees(lon), _degrees(lat), Notation.GEO_URI, least_m=float(stated))
