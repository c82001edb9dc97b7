"""Coordinates written as text, read strictly: what could mean two places is refused, a place name is left alone."""

from gazetteer.coordinates.agreement import Disagreement, check_against
from gazetteer.coordinates.military_grid import mgrs_square
from gazetteer.coordinates.parser import parse_coordinates
from gazetteer.coordinates.point import Coordinates, Notation

__all__ = ["Coordinates", "Disagreement", "Notation", "check_against", "mgrs_square", "parse_coordinates"]
