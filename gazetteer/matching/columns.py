"""Which column of a table of incidents holds the place, its units and its own coordinates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from db.errors import InputError

FIELDS = ("name", "admin1", "admin2", "country", "lon", "lat")
"""What a column can hold."""

_USUAL: Mapping[str, tuple[frozenset[str], ...]] = {
    # A column that is only called "name" may hold people: it counts where nothing else can be meant.
    "name": (
        frozenset([
            "place", "place_name", "placename", "location", "location_name", "locality", "settlement", "town", "city",
            "village", "community", "site", "where_coordinates", "toponym", "المكان", "الموقع", "اسم_المكان", "البلدة",
        ]),
        frozenset(["name"]),
    ),
    "admin1": (frozenset([
        "admin1", "adm1", "adm_1", "admin_1", "admin1_name", "adm1_name", "adm1_en", "admin1name_en", "governorate",
        "province", "muhafaza", "المحافظة",
    ]),),
    "admin2": (frozenset([
        "admin2", "adm2", "adm_2", "admin_2", "admin2_name", "adm2_name", "adm2_en", "admin2name_en", "district",
        "qada", "القضاء", "المنطقة",
    ]),),
    "country": (frozenset([
        "country", "country_name", "country_code", "iso2", "adm0", "admin0", "adm_0", "adm0_en", "admin0name_en",
        "البلد", "الدولة",
    ]),),
    "lon": (frozenset(["lon", "longitude", "long", "lng"]),),
    "lat": (frozenset(["lat", "latitude"]),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one table that are read.

    Attributes:
        by_field: column name by field of :data:`FIELDS`; ``name`` is always there, ``lon`` and ``lat`` both or neither.
        recognised: fields whose column nobody named, but whose header has a usual name.
    """

    by_field: Mapping[str, str]
    recognised: tuple[str, ...]

    def said(self) -> str:
        """What was recognised, for a person: ``place from "town", governorate ...``; empty where nothing was."""
        return ", ".join(f'{field} in "{self.by_field[field]}"' for field in self.recognised)


def find_columns(header: Sequence[str], given: Mapping[str, str], *, file: str) -> Columns:
    """Which column holds what: as the user says, else by the usual names.

    Args:
        header: the column names of the table.
        given: column name by field of :data:`FIELDS`; an empty name says that there is none, and none is recognised.
        file: name of the table, for errors.

    Raises:
        InputError: ``missing_column``; ``ambiguous_column``, two columns have usual names of one field;
            ``duplicate_column``, one column is named for two fields.
    """
    found = {field: column for field, column in given.items() if column != ""}
    _check_given(found, header, file)
    recognised = []
    for field in FIELDS:
        column = None if field in given else _usual(field, header, found, file)
        if column is not None:
            found[field] = column
            recognised.append(field)
    if "name" not in found:
        why, fix = "No column is known to hold the name of the place.", "Name it: --name-column COLUMN."
        raise InputError("missing_column", why, where=f"{file}, header", got=", ".join(header), fix=fix)
    if ("lon" in found) != ("lat" in found):
        if not {"lon", "lat"} & set(recognised):
            why, fix = "One column of coordinates is named without the other.", "Give --lon-column and --lat-column."
            raise InputError("missing_column", why, where=f"{file}, header", got=", ".join(header), fix=fix)
        found = {field: column for field, column in found.items() if field not in ("lon", "lat")}
    return Columns(found, tuple(field for field in recognised if field in found))


def _check_given(found: Mapping[str, str], header: Sequence[str], file: str) -> None:
    for field, column in found.items():
        where = f"{file}, header"
        if column not in header:
            why = f"The file has no column {column!r}; it has {', '.join(header)}."
            raise InputError("missing_column", why, where=where, got=column)
        if list(found.values()).count(column) > 1:
            why = f"The column is named for {field} and for another field."
            raise InputError("duplicate_column", why, where=where, got=column, fix="Name each column once.")


def _usual(field: str, header: Sequence[str], taken: Mapping[str, str], file: str) -> str | None:
    """The one column with a usual name of ``field``; None where there is none."""
    free = [column for column in header if column not in taken.values()]
    for names in _USUAL[field]:
        found = [column for column in free if _plain(column) in names]
        if len(found) > 1:
            why = f"Columns {' and '.join(found)} could both be the {field}."
            raise InputError("ambiguous_column", why, where=f"{file}, header", fix=f"Say which: --{field}-column NAME.")
        if len(found) == 1:
            return found[0]
    return None


def _plain(column: str) -> str:
    """A column name for comparing: small letters, with underscores for all that is no letter or digit."""
    return re.sub(r"\W+", "_", column.casefold()).strip("_")
