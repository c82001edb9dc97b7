"""Place text in, ranked candidates with calibrated probabilities and one verdict out: `gazetteer.locate`."""
