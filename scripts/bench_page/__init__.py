"""The page with its map in a real browser: from what a person does to what is drawn."""
