"""Writers of files for others, one file a format."""
