"""Where places come from: each module reads one kind of file or service into the gazetteer, through `store`."""
