"""Which records may be one event: pairs proposed, compared and scored, with reasons. A person judges them."""
