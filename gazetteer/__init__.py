"""Place names, coordinates and boundaries in, honest places out."""
