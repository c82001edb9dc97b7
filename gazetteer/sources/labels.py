"""The names of a boundary feature: the main one, the others, their languages, and what is odd about them.

A language is only written down where the field says it (``ADM1_AR``, ``name_ara``, ``name:kur_x_preferred``,
``adm1_name1`` with ``lang1``); languages are ISO 639-1. Which fields there are: see `gazetteer.sources.fields`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from db.cells import clean_text
from db.errors import InputError
from db.tables.base import LINE
from db.vocabulary import NameKind, PlaceKind
from gazetteer.folding import script_of
from gazetteer.sources.fields import LEVEL_NUMBERS, codes_of, fields_for, lowered, text_of
from gazetteer.sources.store import clean_name, match_key

# Who's On First and plain files, geoBoundaries, OCHA (two generations), GADM, Natural Earth.
_MAIN = (
    "wof:name", "name", "shapename", "adm{n}_en", "adm{n}_name", "admin{n}name_en", "admin{n}_name", "name_{n}",
    "name_en", "admin",
)  # fmt: skip
_OTHER = (
    "adm{n}_ref", "adm{n}_ref_name", "admin{n}refname", "nl_name_{n}", "varname_{n}", "name_alt", "name_local",
    "name_long", "formal_en", "gn_name", "woe_name", "alt_name", "old_name", "int_name", "loc_name",
)  # fmt: skip
# Stands for no value in GADM, in tables out of R, and in shapefiles.
_NO_NAME = frozenset({"NA", "N/A", "<Null>", "<NULL>", "NULL", "-99"})
_NAME_IN = re.compile(r"name[_:]([a-z]{2,3})(?:_x_\w+)?")
_LEVEL_IN = (r"adm{n}_([a-z]{{2}})", r"adm{n}alt\d?_?([a-z]{{2}})", r"admin{n}(?:alt)?name\d?_([a-z]{{2}})")
_OF_KIND = ("_x_historical", "old_name", "_x_colloquial")
_LISTED = r"adm{n}_name(\d?)"  # its language is in lang, lang1 ...
_ARABIC_WRITTEN = frozenset({"ar", "fa", "ur", "ps", "sd", "ug"})  # Kurdish is written in both
_ISO_639_1_CODES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo "
    "es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia ie ig ii ik io is it iu ja jv ka kg "
    "ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl "
    "nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv "
    "sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)  # "id", Indonesian, is not among them: a field name_id or adm1_id holds a key
_ISO_639_1 = frozenset(_ISO_639_1_CODES.split())
_FROM_ISO_639_3 = {
    "ara": "ar", "eng": "en", "fra": "fr", "fre": "fr", "kur": "ku", "fas": "fa", "per": "fa", "tur": "tr", "heb": "he",
    "urd": "ur", "deu": "de", "ger": "de", "spa": "es", "ita": "it", "por": "pt", "nld": "nl", "dut": "nl", "rus": "ru",
    "ukr": "uk", "pol": "pl", "swe": "sv", "nor": "no", "dan": "da", "fin": "fi", "ces": "cs", "cze": "cs", "hun": "hu",
    "ron": "ro", "rum": "ro", "bul": "bg", "ell": "el", "gre": "el", "hye": "hy", "arm": "hy", "kat": "ka", "geo": "ka",
    "aze": "az", "pus": "ps", "uzb": "uz", "tgk": "tg", "kaz": "kk", "hin": "hi", "ben": "bn", "tam": "ta", "mya": "my",
    "bur": "my", "tha": "th", "vie": "vi", "ind": "id", "msa": "ms", "may": "ms", "zho": "zh", "chi": "zh", "jpn": "ja",
    "kor": "ko", "amh": "am", "som": "so", "swa": "sw", "hau": "ha", "yor": "yo", "ibo": "ig", "orm": "om", "tir": "ti",
    "uig": "ug", "snd": "sd",
}  # fmt: skip


@dataclass(frozen=True)
class Labels:
    """What a feature is called.

    Args:
        name: the main name.
        others: other names in any script.
        languages: name to ISO 639-1 code, of the names whose field says it.
        kinds: what a name is to the place, of the former and colloquial ones.
        codes: P-codes.
        latin: Latin strings in a field for a language that is written in Arabic letters; they are names too.
        marked: names that came with invisible marks, which were taken out.
        quoted: whether a code came with a spreadsheet's apostrophe.
    """

    name: str
    others: tuple[str, ...]
    languages: Mapping[str, str]
    kinds: Mapping[str, NameKind]
    codes: tuple[str, ...]
    latin: tuple[str, ...]
    marked: tuple[str, ...]
    quoted: bool


def labels_of(
    properties: Mapping[str, Any], level: PlaceKind, where: str, *, name_field: str | None = None,
    code_field: str | None = None,
) -> Labels:  # fmt: skip
    """The names of a feature; a property may hold several, in a list or split by ``|``.

    Args:
        properties: of the feature.
        level: tells ``ADM1_EN`` from ``ADM2_EN``.
        where: which feature, for the error.
        name_field: property with the main name, exactly; None tries the usual ones.
        code_field: property with the P-code, exactly; None tries the usual ones.

    Raises:
        InputError: ``no_name``, ``too_long``, or a character that may not be stored.
    """
    values = lowered(properties)
    found = _split(properties.get(name_field) if name_field is not None else _first(values, level), where)
    if len(found) == 0:
        raise InputError(
            "no_name", "The feature has no name.", where=where, got=", ".join(sorted(map(str, properties))),
            fix="Name its property with --name-field.",
        )  # fmt: skip
    main, names = found[0][0], dict(found)
    languages: dict[str, str] = {}
    kinds: dict[str, NameKind] = {}
    latin: list[str] = []
    for field, language in _name_fields(values, level):
        for name, raw in _split(values[field], where):
            if name not in names and field.endswith(_OF_KIND):
                kinds[name] = NameKind.COLLOQUIAL if field.endswith("colloquial") else NameKind.FORMER
            names.setdefault(name, raw)
            if language in _ARABIC_WRITTEN and script_of(name) == "Latn":
                latin.append(name)
            elif language is not None:
                languages.setdefault(name, language)
    codes, quoted = codes_of(properties, level, code_field)
    marked = tuple(name for name, raw in names.items() if name != " ".join(raw.split()))
    others = tuple(name for name in names if name != main)
    return Labels(main, others, languages, kinds, codes, tuple(dict.fromkeys(latin)), marked, quoted)


def _first(values: Mapping[str, Any], level: PlaceKind) -> Any:
    usable = (field for field in fields_for(_MAIN, level) if text_of(values.get(field)) not in _NO_NAME | {""})
    return values.get(next(usable, ""))


def _name_fields(values: Mapping[str, Any], level: PlaceKind) -> Iterator[tuple[str, str | None]]:
    """The fields that hold names of a feature, each with its language, if it says one."""
    plain = frozenset(fields_for(_MAIN + _OTHER, level))
    for field in values:
        holds_names, language = _language(field, values, LEVEL_NUMBERS.get(level))
        if holds_names or field in plain:
            yield field, language


def _language(field: str, values: Mapping[str, Any], number: int | None) -> tuple[bool, str | None]:
    """Whether a field is one for names in a language, and which language."""
    found = _NAME_IN.fullmatch(field)
    if found is not None:
        code = found[1]
        known = code in _ISO_639_1 or code in _FROM_ISO_639_3
        return known or ":" in field, _FROM_ISO_639_3.get(code, code if len(code) == 2 and known else None)
    if number is None:
        return False, None
    found = re.fullmatch(_LISTED.format(n=number), field)
    if found is not None:
        language = text_of(values.get(f"lang{found[1]}")).lower()
        return True, language if language in _ISO_639_1 else None
    codes = (match[1] for pattern in _LEVEL_IN if (match := re.fullmatch(pattern.format(n=number), field)))
    code = next(codes, "")
    return (True, code) if code in _ISO_639_1 else (False, None)


def _split(value: Any, where: str) -> list[tuple[str, str]]:
    """The names in a cell or list of cells, each clean and as it stood."""
    cells = [cell for cell in (value if isinstance(value, list | tuple) else [value]) if isinstance(cell, str)]
    parts = [part for cell in cells for part in clean_text(cell, where, max_length=100_000).split("|")]
    found = [(clean_name(part), part) for part in parts if part.strip() not in _NO_NAME]
    found = [(name, part) for name, part in found if match_key(name)]
    long = next((name for name, _ in found if len(name) > LINE), None)
    if long is not None:
        raise InputError("too_long", f"A name has {len(long)} characters; {LINE} fit.", where=where, got=long)
    return found
