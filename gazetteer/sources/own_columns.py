"""Which column of a person's own table of places holds what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.errors import InputError
from db.vocabulary import PlaceKind

FIELDS = (
    "name", "names", "lon", "lat", "kind", "admin1", "admin2", "country", "pcode", "population", "key", "radius_m",
)  # fmt: skip
"""What a column can hold; beside them ``name_ar`` and the like, a name in that language (ISO 639)."""

_ALIASES = {
    "name": ("name", "place", "place_name", "placename", "label"),
    "names": ("names", "other_names", "alternate_names", "alternatenames", "alt_names", "aliases", "name_alt"),
    "lon": ("lon", "longitude", "long", "lng", "x", "longitude_x", "point_x", "x_coord"),
    "lat": ("lat", "latitude", "y", "latitude_y", "point_y", "y_coord"),
    "kind": ("kind", "type", "place_type", "feature"),
    "admin1": ("admin1", "admin1_name", "adm1", "governorate", "province", "muhafaza"),
    "admin2": ("admin2", "admin2_name", "adm2", "district"),
    "country": ("country", "country_code", "iso2", "adm0_pcode", "admin0pcode"),
    "pcode": ("pcode", "p_code", "p_codes"),
    "population": ("population", "pop"),
    "key": ("key", "id", "code"),
    "radius_m": ("radius_m", "radius"),
}
# Tables of OCHA name the units of each level: ADM3_EN with ADM3_PCODE, or admin3Name_en with admin3Pcode.
_LEVEL_NAME = re.compile(r"(?:adm(\d)_|admin(\d)name_?)([a-z]{2}|name|)")
_LEVEL_CODE = re.compile(r"(?:adm|admin)(\d)_?pcode")
_LANGUAGE = re.compile(r"name_([a-z]{2,3})")
_SHORTER = {"ara": "ar", "eng": "en", "fra": "fr", "fre": "fr", "tur": "tr", "kur": "ku", "fas": "fa", "per": "fa"}
_KINDS = {1: PlaceKind.ADM1, 2: PlaceKind.ADM2, 3: PlaceKind.ADM3}


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table.

    Attributes:
        by_field: column name by field of :data:`FIELDS`.
        languages: ISO 639 code by column name, of the names in a language.
        unused: columns that are not read.
        kind: what the rows are, where the level of the table says so.
    """

    by_field: Mapping[str, str]
    languages: Mapping[str, str]
    unused: tuple[str, ...]
    kind: PlaceKind | None


def find_columns(header: Sequence[str], given: Mapping[str, str] | None, *, file: str) -> Columns:
    """Which column holds what: as the user says, else by the usual names.

    Args:
        header: the column names of the table.
        given: column name by field, as the user names them; fields are those of :data:`FIELDS` and ``name_ar`` and
            the like.
        file: name of the table, for errors.

    Raises:
        InputError: ``unknown_field`` (a field that is none), ``missing_column``, ``ambiguous_column`` (two columns
            for one field).
    """
    named = _given(header, given or {}, file)
    free = {column: _plain(column) for column in header if column not in named.values()}
    languages = {column: _language(field) for field, column in named.items() if field not in FIELDS}
    fields = {field: column for field, column in named.items() if field in FIELDS}
    languages |= {column: _language(plain) for column, plain in free.items() if _LANGUAGE.fullmatch(plain) is not None}
    for field, aliases in _ALIASES.items():
        found = [column for column, plain in free.items() if plain in aliases and column not in languages]
        if field not in fields and len(found) > 0:
            fields[field] = _only(field, found, file)
    level = _take_levels(free, fields, languages)
    if "name" not in fields and len(languages) > 0:
        fields["name"] = next((column for column, code in languages.items() if code == "en"), next(iter(languages)))
    missing = [field for field in ("name", "lon", "lat") if field not in fields]
    if len(missing) > 0:
        why = f"No column is known to hold: {', '.join(missing)}."
        fix = f"Name it, for example columns {missing[0]}=COLUMN."
        raise InputError("missing_column", why, where=f"{file}, header", got=", ".join(header), fix=fix)
    used = {*fields.values(), *languages}
    return Columns(fields, languages, tuple(column for column in header if column not in used), _KINDS.get(level))


def _given(header: Sequence[str], given: Mapping[str, str], file: str) -> dict[str, str]:
    for field, column in given.items():
        if field not in FIELDS and _LANGUAGE.fullmatch(field) is None:
            fix = f"Use {', '.join(FIELDS)}, or name_ar and the like."
            raise InputError("unknown_field", "Places have no such field.", where=file, got=field, fix=fix)
        if column not in header:
            why = f"The column for {field} is not in the file, which has {', '.join(header)}."
            raise InputError("missing_column", why, where=f"{file}, header", got=column)
    return dict(given)


def _only(field: str, found: Sequence[str], file: str) -> str:
    if len(found) > 1:
        why, fix = f"Columns {' and '.join(found)} could both be {field}.", f"Say which: {field}={found[0]}."
        raise InputError("ambiguous_column", why, where=f"{file}, header", fix=fix)
    return found[0]


def _take_levels(free: Mapping[str, str], fields: dict[str, str], languages: dict[str, str]) -> int:
    """Take the names and codes of administrative levels: the deepest is the place, the others hold it.

    Returns:
        The deepest level that has a name and is the place; 0 where there is none.
    """
    names: dict[int, dict[str, str]] = {}
    for column, plain in free.items():
        found = _LEVEL_NAME.fullmatch(plain)
        if found is not None:
            names.setdefault(int(found[1] or found[2]), {})[found[3]] = column
    deepest = max(names, default=0)
    own = "name" not in fields and deepest > 0
    for level, columns in names.items():
        main = columns.get("en") or columns.get("name") or columns.get("") or next(iter(columns.values()))
        if own and level == deepest:
            fields["name"] = main
            languages |= {column: code for code, column in columns.items() if len(code) == 2}
        elif level in (1, 2):
            fields.setdefault(f"admin{level}", main)
    codes = {int(found[1]): column for column, plain in free.items() if (found := _LEVEL_CODE.fullmatch(plain))}
    if own and deepest in codes:
        fields.setdefault("pcode", codes[deepest])
    return deepest if own else 0


def _language(field: str) -> str:
    code = field.removeprefix("name_")
    return _SHORTER.get(code, code)


def _plain(column: str) -> str:
    """A column name for comparing: small letters, with underscores for all that is no letter or digit."""
    return re.sub(r"[^a-z0-9]+", "_", column.casefold()).strip("_")
