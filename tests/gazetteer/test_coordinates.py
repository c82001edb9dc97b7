"""Coordinates in any notation: the right point within its radius, a clear error, or None for a place name."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mgrs import MGRS
from openlocationcode import openlocationcode as olc
from pyproj import Transformer

from db.errors import InputError
from gazetteer.coordinates import Notation, mgrs_square, parse_coordinates
from gazetteer.geodesy import distance_m

MOSUL = (43.1189, 36.3350)
SYDNEY = (151.2083, -33.8695)
BUENOS_AIRES = (-58.3816, -34.6037)
MEXICO = (-99.1332, 19.4326)
POINTS = {"mosul": MOSUL, "sydney": SYDNEY, "buenos_aires": BUENOS_AIRES, "mexico": MEXICO}

READ = [
    # Decimal degrees and their separators.
    ("mosul", "36.3350, 43.1189"), ("mosul", "36.3350,43.1189"), ("mosul", "36.3350 43.1189"),
    ("mosul", "36.3350; 43.1189"), ("mosul", "36.3350;43.1189"), ("mosul", "36.3350/43.1189"),
    ("mosul", "36.3350 | 43.1189"), ("mosul", "(36.3350, 43.1189)"), ("mosul", "36.3350\t43.1189\n"),
    ("mosul", "36.3350 and 43.1189"), ("mosul", "36.3350, 43.1189."), ("mosul", "36.335°, 43.1189°"),
    ("mosul", "+36.3350 +43.1189"), ("mosul", "Coordinates: 36.3350, 43.1189 (WGS84)"),
    ("mosul", "\u200e36.3350\u200e, \u202a43.1189\u202c"),
    # The southern and western halves.
    ("sydney", "-33.8695, 151.2083"), ("sydney", "33.8695 S, 151.2083 E"), ("sydney", "33.8695s 151.2083e"),
    ("sydney", "−33.8695 151.2083"), ("buenos_aires", "-34.6037 -58.3816"), ("buenos_aires", "S34.6037 W58.3816"),
    ("buenos_aires", "34.6037°S, 58.3816°W"), ("buenos_aires", "34.6037 جنوب، 58.3816 غرب"),
    ("mexico", "19.4326 -99.1332"), ("mexico", "99.1332 W, 19.4326 N"), ("mexico", "lon -99.1332 lat 19.4326"),
    # Letters and labels, before and after, in either order.
    ("mosul", "36.3350N 43.1189E"), ("mosul", "N36.3350 E43.1189"), ("mosul", "N36.3350E43.1189"),
    ("mosul", "43.1189E 36.3350N"), ("mosul", "36.3350 N - 43.1189 E"), ("mosul", "36.3350 North, 43.1189 East"),
    ("mosul", "36.3350,N,43.1189,E"), ("mosul", "36.3350 شمالاً، 43.1189 شرقاً"),
    ("mosul", "شمال 36.3350 شرق 43.1189"), ("mosul", "lat: 36.3350 lon: 43.1189"),
    ("mosul", "lon: 43.1189, lat: 36.3350"), ("mosul", "Lat. 36.3350, Long. 43.1189"),
    ("mosul", "latitude=36.3350&longitude=43.1189"), ("mosul", "36.3350 lat, 43.1189 lon"),
    ("mosul", "lat 36.3350 N lon 43.1189 E"), ("mosul", "lat/lon: 36.3350, 43.1189"),
    ("mosul", "lon, lat: 43.1189 36.3350"), ("mosul", "خط العرض: 36.3350 خط الطول: 43.1189"),
    # Digits and decimal signs of other scripts, decimal commas that nothing else can be.
    ("mosul", "٣٦٫٣٣٥٠، ٤٣٫١١٨٩"), ("mosul", "٣٦٫٣٣٥٠،٤٣٫١١٨٩"), ("mosul", "۳۶٫۳۳۵۰ ۴۳٫۱۱۸۹"),
    ("mosul", "３６．３３５０，４３．１１８９"), ("mosul", "٣٦،٣٣٥٠ ٤٣،١١٨٩"), ("mosul", "36,3350 43,1189"),
    ("mosul", "36,3350; 43,1189"), ("mosul", "36,3350, 43,1189"), ("mosul", "36,3350N 43,1189E"),
    # Degrees, minutes, seconds with every mark.
    ("mosul", "36°20'06\"N 43°07'08\"E"), ("mosul", "36° 20′ 06″ N, 43° 07′ 08″ E"),
    ("mosul", "36º20’06”N 43º07’08”E"), ("mosul", "36°20'06''N 43°07'08''E"), ("mosul", "36˚20`06´´N 43˚07`08´´E"),
    ("mosul", "36d20m06s N 43d07m08s E"), ("mosul", "36d20m06sN 43d07m08sE"),
    ("mosul", "36 deg 20 min 6 sec N, 43 deg 7 min 8 sec E"), ("mosul", "36-20-06N 43-07-08E"),
    ("mosul", "36-20-06 N, 43-07-08 E"), ("mosul", "36:20:06N 43:07:08E"), ("mosul", "36 20 6 N, 43 7 8 E"),
    ("mosul", "N 36 20 6 E 43 7 8"), ("mosul", "36 20 6, 43 7 8"), ("mosul", "36°20'06\" 43°07'08\""),
    ("mosul", "36°20'06.0\"N 43°07'08.0\"E"), ("mosul", "٣٦°٢٠'٠٦\" شمال، ٤٣°٠٧'٠٨\" شرق"),
    ("mosul", "362006N 0430708E"), ("sydney", "33d52m10S 151d12m30E"), ("sydney", "-33 52 10, 151 12 30"),
    ("buenos_aires", "34°36'13\"S 58°22'54\"W"), ("mexico", "19°25'57\"N 99°08'00\"W"),
    # Degrees and decimal minutes.
    ("mosul", "36°20.1′N 43°7.13′E"), ("mosul", "36 20.1 N 43 7.13 E"), ("mosul", "36°20,1'N 43°7,13'E"),
    ("mosul", "36° 20' N 43° 7' E"), ("mosul", "3620.10N,04307.13E"), ("mosul", "3620N 04307E"),
    # Whole degrees, with letters.
    ("mosul", "36N 43E"), ("mosul", "36° N, 43° E"),
    # Grids and codes.
    ("mosul", "UTM zone 38 north 331172 4022748"), ("mosul", "38N 331172 4022748"), ("mosul", "331172 4022748 38N"),
    ("mosul", "38 North 331171mE 4022748mN"), ("mosul", "utm 38n, 331171, 4022748"),
    ("sydney", "56H 334277 6250869"), ("sydney", "56S 334277 6250869"), ("sydney", "UTM 56 south 334277 6250869"),
    ("mosul", "38SLF3117122748"), ("mosul", "MGRS: 38S LF 31171 22748"), ("mosul", "38SLF3122"), ("mosul", "38slf32"),
    ("mosul", "MGRS 38SLF"), ("mosul", "38S LF"), ("mosul", "٣٨SLF311227"),
    ("mosul", "8H8584P9+2H"), ("mosul", "8H8584P9+"), ("mosul", "8h850000+"),
    # Objects, texts and addresses of programs.
    ("mosul", '{"type": "Point", "coordinates": [43.1189, 36.3350]}'),
    ("mosul", '{"type": "Point", "coordinates": [43.1189, 36.3350, 220]}'),
    ("mosul", '{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [43.1189, 36.335]}}'),
    ("mosul", '{"lat": 36.3350, "lng": 43.1189}'),
    ("mosul", "POINT (43.1189 36.3350)"), ("mosul", "SRID=4326;POINT Z(43.1189 36.3350 220)"),
    ("mosul", "geo:36.3350,43.1189"), ("mosul", "geo:36.3350,43.1189,220;crs=wgs84;u=35"),
    ("mosul", "geo:0,0?q=36.3350,43.1189(Mosul)"),
    # Links to maps.
    ("mosul", "https://www.google.com/maps/@36.3350,43.1189,15z"),
    ("mosul", "https://www.google.com/maps/@36.3350,43.1189,1500m/data=!3m1!1e3"),
    ("mosul", "https://www.google.com/maps/place/X/@36.39,43.2,12z/data=!3m1!4b1!4m5!8m2!3d36.3350!4d43.1189"),
    ("mosul", "https://maps.google.com/?q=36.3350,43.1189"), ("mosul", "maps.google.iq/maps?q=loc:36.3350,43.1189&z=9"),
    ("mosul", "https://www.google.com/maps/search/?api=1&query=36.3350%2C43.1189"),
    ("mosul", "https://www.google.com/maps/place/36%C2%B020'06.0%22N+43%C2%B007'08.0%22E/@36.4,43.2,9z"),
    ("mosul", "https://www.openstreetmap.org/#map=15/36.3350/43.1189"),
    ("mosul", "https://www.openstreetmap.org/?mlat=36.3350&mlon=43.1189#map=15/36.4/43.2"),
    ("mosul", "https://www.bing.com/maps?cp=36.3350~43.1189&lvl=15"),
    ("mosul", "https://www.bing.com/maps?sp=point.36.3350_43.1189_Place&cp=36.4~43.2"),
    ("mosul", "http://wikimapia.org/#lang=en&lat=36.335000&lon=43.118900&z=14&m=w"),
    ("mosul", "https://maps.apple.com/?ll=36.3350,43.1189&q=Mosul"),
    ("mosul", "https://yandex.com/maps/?ll=43.1189%2C36.3350&z=14"),
]  # fmt: skip


@pytest.mark.parametrize(("place", "text"), READ)
def test_each_notation_gives_the_place_within_its_radius(place: str, text: str) -> None:
    found = parse_coordinates(text)
    assert found is not None
    # The cell of 20'06" is read by those who wrote it as 20.1' too: the place lies in every cell, to a metre.
    assert distance_m(found.lon, found.lat, *POINTS[place]) <= found.radius_m + 1
    assert found.text == text
    assert 0 < found.radius_m < 80_000


REFUSED = [
    ("decimal_comma", "36,19"),  # B25
    ("decimal_comma", "36,3350,43,1189"), ("decimal_comma", "36,3350 43.1189"), ("decimal_comma", "36,3350"),
    ("decimal_comma", "36,3350 43"), ("decimal_comma", "36,20 N 43,7 E"), ("decimal_comma", "36,20 43,07"),
    ("decimal_comma", "36.335,43"), ("decimal_comma", "36,20,06N 43,07,08E"),
    ("out_of_range", "95, 200"),  # B34
    ("out_of_range", "36.3350, 243.1189"), ("out_of_range", "95.0 N 43.0 E"), ("out_of_range", "200.5, 36.3"),
    ("out_of_range", "36.0 N, 181.0 E"), ("out_of_range", "POINT (243.1 36.3)"),
    ("maybe_swapped", "143.1189, 36.3350"),  # B35: only the other order is possible
    ("maybe_swapped", "lat 143.1189 lon 36.3350"), ("maybe_swapped", "POINT (36.3350 143.1189)"),
    ("maybe_swapped", "https://www.openstreetmap.org/#map=15/143.1189/36.3350"),
    ("maybe_swapped", "38N 4022748 331171"),
    ("null_island", "0.0, 0.0"),  # B36
    ("null_island", "0, 0"), ("null_island", "0°N 0°E"), ("null_island", "POINT (0 0)"), ("null_island", "geo:0,0"),
    ("null_island", '{"type": "Point", "coordinates": [0, 0]}'),
    ("half_missing", "36.3350"), ("half_missing", "36°20'06\"N"), ("half_missing", "lat: 36.3350"),
    ("half_missing", "36.3350 N"),
    ("same_axis", "36N 43N"), ("same_axis", "36.3350 E, 43.1189 W"), ("same_axis", "lat 36.3 lat 43.1"),
    ("missing_hemisphere", "36.3350N 43.1189"), ("missing_hemisphere", "36.3350 43.1189E"),
    ("missing_hemisphere", "36-20-06, 43-07-08"), ("missing_hemisphere", "33d52m10s 151d12m30e"),
    ("sign_and_hemisphere", "-36.3350N 43.1189E"), ("sign_and_hemisphere", "36.3350N -43.1189E"),
    ("label_conflict", "Lat: 36.3350 E, Long: 43.1189 N"),
    ("ambiguous_sign", "36.3350-43.1189"), ("ambiguous_sign", "36.3350 - 43.1189"),
    ("ambiguous_sign", "36.3350, –43.1189"), ("ambiguous_sign", "36.3350–43.1189"),
    ("ambiguous_sign", "latitude-36.3350 longitude-43.1189"), ("ambiguous_sign", "36°20'06\"-43°07'08\""),
    ("ambiguous_order", "[36.3350, 43.1189]"),
    ("ambiguous_split", "36 43"), ("ambiguous_split", "36 43.1189"), ("ambiguous_split", "36 20 43 7"),
    ("ambiguous_split", "36-20.06N 43-07-08E"), ("ambiguous_split", "36 20 N, 43 7 8 E"),
    ("ambiguous_split", "36 20 6 43 7 8"), ("ambiguous_split", "36 20.1, 43 7.13"),
    ("whole_degrees", "36, 43"), ("whole_degrees", "36/43"),
    ("sixty_or_more", "36°60'06\"N 43°07'08\"E"), ("sixty_or_more", "36 20 66 N, 43 7 8 E"),
    ("sixty_or_more", "36°20.1'N 43°60.0'E"), ("sixty_or_more", "3660N 04307E"),
    ("too_many_numbers", "36.3350, 43.1189, 220"), ("too_many_numbers", "36.33, 43.11; 36.34, 43.12"),
    ("malformed", "36'20°N 43'07°E"), ("malformed", "36.5°20'N 43°7'E"), ("malformed", "36.20.06N 43.07.08E"),
    ("malformed", "36. 3350, 43. 1189"), ("malformed", "36.3350.43.1189"),
    ("malformed", ".3350, .1189"), ("malformed", "36.3350 43.1189 N E"), ("malformed", "36 N 20 43 E 7"),
    ("malformed", "3.6335e1, 4.31189e1"), ("malformed", "36 20 6 5 N, 43 7 8 5 E"),
    ("not_finite", "NaN, 43.1189"), ("not_finite", "inf 43.1189"), ("not_finite", "36.3350, -Infinity"),
    ("not_finite", '{"type": "Point", "coordinates": [NaN, 36.3]}'),
    ("not_finite", '{"type": "Point", "coordinates": [1e999, 36.3]}'),
    ("extra_text", "Mosul 36.3350, 43.1189"), ("extra_text", "Mosul 36.3350,43.1189"),
    ("extra_text", "حلب 36.20 37.16"), ("extra_text", "36.33N 43.11O"), ("extra_text", "36.3350x43.1189"),
    ("extra_text", "36°20'06\"N, 43°07'08\"E, 220 m"), ("extra_text", "36.3350\x00, 43.1189"),
    ("extra_text", "near 36.3350, 43.1189 (ED50)"), ("extra_text", "Tabqa 37SDV780636"),
    ("extra_text", "37SDV780636 (approx.)"), ("extra_text", "8H8584P9+2H Mosul"),
    ("extra_text", "Mosul https://www.google.com/maps/@36.3350,43.1189,15z"),
    # Grid references mistyped as in real reports.
    ("two_values", "37SFU762138/37SFU677337"), ("two_values", "377SFU762138/37SFU677337"),
    ("two_values", "37SFU 762 138 or 37SFU 677 337"),
    ("mgrs_zone", "377SFU805225"), ("mgrs_zone", "61SDV780636"), ("mgrs_zone", "00SDV780636"),
    ("mgrs_square", "37FSU774280"), ("mgrs_square", "37SFY805225"), ("mgrs_square", "38SFV089115"),
    ("mgrs_square", "37IDV780636"), ("mgrs_square", "37NDV780636"),
    ("mgrs_digits", "37SFU78615"), ("mgrs_digits", "37SDV780636780636"), ("mgrs_digits", "37S DV7806 36"),
    ("bad_mgrs", "37SDV78O636"), ("bad_mgrs", "MGRS: SDV780636"), ("bad_mgrs", "37DV780636"),
    ("utm_letter", "38S 331172 4022748"),  # band S in Iraq, or 54 degrees south
    ("utm_letter", "38 331172 4022748"), ("utm_zone", "331172 4022748"), ("utm_zone", "61N 331172 4022748"),
    ("utm_band", "38T 331172 4022748"), ("out_of_range", "38N 31171 4022748"), ("bad_utm", "UTM 38N 331171"),
    ("out_of_range", "UTM 38N 331171 99999999"),
    ("short_plus_code", "84P9+2H"), ("short_plus_code", "84P9+2H Mosul"), ("short_plus_code", "84P9+2H, Mosul, Iraq"),
    ("bad_plus_code", "8H8584PA+2H"),
    ("bad_json", '{"type": "Point", "coordinates": [43.1189, "36"]}'),
    ("bad_json", '{"type": "Point", "coordinates": [43.1189, null]}'),
    ("bad_json", '{"type": "Point", "coordinates": [43.1189, 36.3350}'),
    ("bad_json", '{"lat": 36.3, "lat": 37.3, "lon": 43.1}'), ("bad_json", '{"a":' * 700),
    ("not_a_point", '{"type": "LineString", "coordinates": [[43.1, 36.3], [43.2, 36.4]]}'),
    ("not_a_point", '{"x": 43.1, "y": 36.3}'), ("not_a_point", "LINESTRING (43.1 36.3, 43.2 36.4)"),
    ("unsupported_crs", '{"type": "Point", "coordinates": [1, 2], "crs": {"properties": {"name": "EPSG:3857"}}}'),
    ("unsupported_crs", "SRID=3857;POINT (43.1 36.3)"), ("unsupported_crs", "geo:36.3,43.1;crs=nad27"),
    ("bad_wkt", "POINT (43.1189, 36.3350)"), ("bad_geo_uri", "geo:36.3350"),
    ("short_link", "https://maps.app.goo.gl/abc123"), ("short_link", "goo.gl/maps/abc123"),
    ("short_link", "https://osm.org/go/0EEQjE--"),
    ("unknown_link", "https://example.org/2017/03/17/mosul"),
    ("link_without_point", "https://www.google.com/maps/place/Mosul"),
    ("two_values", "https://www.google.com/maps/dir/36.3,43.1/36.4,43.2"),
    ("too_long", "{" * 5_000),
    ("too_long", "https://www.google.com/maps/" + "a" * 5_000),
]  # fmt: skip


@pytest.mark.parametrize(("code", "text"), REFUSED)
def test_what_is_malformed_or_could_mean_two_places_is_refused(code: str, text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_coordinates(text, where="row 7")
    assert (caught.value.code, caught.value.where) == (code, "row 7")
    assert caught.value.fix


NAMES = [
    "", " ", "Mosul", "Camp 7", "Al 9 Nisan", "Kilometer 100", "5 km north-east of Idlib", "Al Jinah, Aleppo province",
    "الجينة", "حي 7 نيسان", "الكيلو ٧", "حي ١٧ تموز", "17 Tammuz", "14 Ramadan Street", "5 May", "5 may 12",
    "12 Mar 2017", "1 SEP 2017", "E45", "N7", "M4 highway", "7 North", "North 5, 6 East", "شمال 5", "S-300 site",
    "Colegio Nº 5", "Sector 5, Block 12", "Sector 12.5, Block 13.4", "Long 7", "Lat Krabang 12", "Km 7.5",
    "kilometre 7.5 to kilometre 8.5", "Point (12)", "Check Point 12 (north)", "12:30", "2017-03-17", "17.03.2017",
    "17/03/2017", "0770 123 4567", "+963 11 222 3333", "10-12", "7", "2017, 12", "n/a", "NaN", "Nan 7", "A+B", "C++",
    "East", "Deir ez-Zor 3rd district", "1st of May", "30 km west of Raqqa on the road to Tabqa", "Al-Hasakah/Qamishli",
    "5 m", "6 s", "a", "a" * 10_000, "a1 " * 5_000, "١" * 10_000, "-" * 300 + "1", "\ud800 7", "www.example.org/7",
    "12.10.2023 to 14.10.2023", "192.168.1.100", "7th Street E", "Area 51, 2 E", "Mosul {old town}", "Wadi 3 S",
]  # fmt: skip


@pytest.mark.parametrize("text", NAMES)
def test_a_place_name_is_none_and_no_error(text: str) -> None:
    assert parse_coordinates(text) is None


def test_place_names_are_passed_over_fast() -> None:
    """20,000 a second are asked for; a tenth of that still fails when a name starts to cost a parse."""
    names = ["Mosul", "Al Jinah, Aleppo province", "الجينة", "Camp 7", "حي 7 نيسان", "5 km north-east of Idlib"] * 500
    start = time.perf_counter()
    assert all(parse_coordinates(name) is None for name in names)
    assert time.perf_counter() - start < len(names) / 2_000


@pytest.mark.parametrize(
    ("text", "notation"),
    [
        ("36.3350, 43.1189", Notation.DECIMAL),
        ("36 20.1 N 43 7.13 E", Notation.DEGREES_MINUTES),
        ("36 20 6 N 43 7 8 E", Notation.DEGREES_MINUTES_SECONDS),
        ("38N 331172 4022748", Notation.UTM),
        ("38SLF311227", Notation.MGRS),
        ("8H8584P9+2H", Notation.PLUS_CODE),
        ('{"type": "Point", "coordinates": [43.1189, 36.3350]}', Notation.GEOJSON),
        ('{"lat": 36.3350, "lon": 43.1189}', Notation.JSON),
        ("POINT (43.1189 36.3350)", Notation.WKT),
        ("geo:36.3350,43.1189", Notation.GEO_URI),
        ("https://maps.google.com/?q=36.3350,43.1189", Notation.MAP_LINK),
        ("https://www.google.com/maps/@36.3350,43.1189,15z", Notation.MAP_VIEW),
    ],
)
def test_the_notation_is_named(text: str, notation: Notation) -> None:
    found = parse_coordinates(text)
    assert found is not None
    assert found.notation is notation


def test_a_point_near_by_completes_a_short_plus_code() -> None:
    found = parse_coordinates("84P9+2H", near=(43.0, 36.4))
    assert found is not None
    assert distance_m(found.lon, found.lat, *MOSUL) <= found.radius_m + 1
    # Another point near by completes it to another cell.
    other = parse_coordinates("84P9+2H", near=(38.0, 36.4))
    assert other is not None
    assert abs(other.lon - found.lon) > 4


def test_a_point_near_by_decides_between_band_s_and_the_southern_hemisphere() -> None:
    north = parse_coordinates("38S 331172 4022748", near=(44.0, 36.0))
    south = parse_coordinates("38S 331172 4022748", near=(43.0, -54.0))
    assert north is not None
    assert south is not None
    assert distance_m(north.lon, north.lat, *MOSUL) < 3
    assert south.lat == pytest.approx(-53.9, abs=0.2)
    with pytest.raises(InputError) as caught:
        parse_coordinates("38S 331172 4022748", near=(0.0, 0.0))
    assert caught.value.code == "utm_letter"


def test_a_point_near_by_is_checked() -> None:
    with pytest.raises(InputError) as caught:
        parse_coordinates("84P9+2H", near=(43.0, 136.4))
    assert caught.value.code == "out_of_range"


DEGREES = st.tuples(st.floats(-179.9, 179.9), st.floats(-79.9, 79.9)).filter(lambda p: abs(p[0]) + abs(p[1]) > 0.1)


def _sexagesimal(degrees: float, letters: str, pattern: str) -> str:
    """Degrees, minutes and rounded seconds; carried over where rounding gives 60."""
    seconds = round(abs(degrees) * 3600)
    return pattern.format(d=seconds // 3600, m=seconds // 60 % 60, s=seconds % 60, h=letters[degrees < 0])


@pytest.mark.parametrize(
    "pattern", ["{d}°{m:02}'{s:02}\"{h}", "{h} {d} {m} {s}", "{d}-{m}-{s}{h}", "{d}d{m}m{s}s {h}", "{d}º {m}’ {s}” {h}"]
)
@given(point=DEGREES)
def test_a_point_written_in_degrees_minutes_seconds_is_read_within_its_radius(
    pattern: str, point: tuple[float, float]
) -> None:
    lon, lat = point
    found = parse_coordinates(f"{_sexagesimal(lat, 'NS', pattern)}, {_sexagesimal(lon, 'EW', pattern)}")
    assert found is not None
    assert distance_m(lon, lat, found.lon, found.lat) <= found.radius_m


@pytest.mark.parametrize(
    "pattern",
    [
        "{lat:.{n}f}, {lon:.{n}f}", "{lat:.{n}f} {lon:.{n}f}", "lon {lon:.{n}f} lat {lat:.{n}f}",
        "POINT ({lon:.{n}f} {lat:.{n}f})", "geo:{lat:.{n}f},{lon:.{n}f}",
        '{{"type": "Point", "coordinates": [{lon:.{n}f}, {lat:.{n}f}]}}',
        "https://maps.google.com/?q={lat:.{n}f},{lon:.{n}f}",
        "https://www.openstreetmap.org/#map=18/{lat:.{n}f}/{lon:.{n}f}",
    ],
)  # fmt: skip
@given(point=DEGREES, decimals=st.integers(1, 8))
def test_a_point_written_in_decimals_is_read_within_its_radius(
    pattern: str, point: tuple[float, float], decimals: int
) -> None:
    lon, lat = point
    found = parse_coordinates(pattern.format(lon=lon, lat=lat, n=decimals).replace("-0.0 ", "0.0 "))
    assert found is not None
    assert distance_m(lon, lat, found.lon, found.lat) <= found.radius_m


@given(point=DEGREES, decimals=st.integers(1, 6))
def test_arabic_digits_mean_the_same(point: tuple[float, float], decimals: int) -> None:
    lon, lat = point
    latin = f"{abs(lat):.{decimals}f} {'NS'[lat < 0]}, {abs(lon):.{decimals}f} {'EW'[lon < 0]}"
    arabic = latin.translate(str.maketrans("0123456789.,", "٠١٢٣٤٥٦٧٨٩٫،"))
    first, second = parse_coordinates(latin), parse_coordinates(arabic)
    assert first is not None
    assert second is not None
    assert (first.lon, first.lat, first.radius_m) == (second.lon, second.lat, second.radius_m)


@given(lon=st.floats(36.1, 41.9), lat=st.floats(0.1, 79.9), spell=st.sampled_from(["37N {} {}", "{} {} 37 north"]))
def test_a_point_written_in_utm_is_read_within_its_radius(lon: float, lat: float, spell: str) -> None:
    east, north = Transformer.from_crs("EPSG:4326", "EPSG:32637", always_xy=True).transform(lon, lat)
    text = spell.format(f"{east:.0f}", f"{north:07.0f}")
    found = parse_coordinates(text)
    assert found is not None
    assert distance_m(lon, lat, found.lon, found.lat) <= found.radius_m


@given(point=DEGREES, precision=st.integers(0, 5))
def test_a_point_written_in_mgrs_lies_in_its_square(point: tuple[float, float], precision: int) -> None:
    lon, lat = point
    text = MGRS().toMGRS(lat, lon, MGRSPrecision=precision)
    found = parse_coordinates(f"MGRS: {text}")
    assert found is not None
    assert (found.lon, found.lat, found.radius_m) == mgrs_square(text, "test")
    # The library's own square of a point is one metre wide at best, and it cuts off digits by its own arithmetic.
    assert distance_m(lon, lat, found.lon, found.lat) <= found.radius_m + 1


@given(point=DEGREES, length=st.sampled_from([4, 6, 8, 10, 11, 12]))
def test_a_point_written_as_plus_code_lies_in_its_cell(point: tuple[float, float], length: int) -> None:
    lon, lat = point
    found = parse_coordinates(olc.encode(lat, lon, length))
    assert found is not None
    assert distance_m(lon, lat, found.lon, found.lat) <= found.radius_m


@given(st.text(max_size=300) | st.text("0123456789.,;:/- °'\"NSEWnsewdmlatonUTMGR+{}[]()", max_size=60))
def test_any_text_gives_a_point_on_earth_or_none_or_an_error(text: str) -> None:
    try:
        found = parse_coordinates(text)
    except InputError:
        return
    assert found is None or (abs(found.lon) <= 180 and abs(found.lat) <= 90 and found.radius_m > 0)


@pytest.mark.parametrize(
    "part",
    ["1", "1 ", "1,", "1.1,", "36.3350 ", "'", "1°", "A1", "-1", "1-", "E1 ", "12S", "1+", "ZONE 1 ", "1 N ", "1 M N",
     "37SFU762138/", "POINT(1 ", "geo:1,1;", "http://a.", "https://www.google.com/maps/place/1,1,", "{\"a\":1,",
     "\u202e1", "١٫"],
)  # fmt: skip
def test_no_repetition_takes_long(part: str) -> None:
    for length in (60, 256, 3_900, 100_000):
        text = (part * length)[:length]
        start = time.perf_counter()
        with suppress(InputError):
            parse_coordinates(text)
        assert time.perf_counter() - start < 0.25
