"""Place text in, ranked candidates with a calibrated probability and one verdict out; the door is `gazetteer.locate`."""
