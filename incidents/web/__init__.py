"""The pages that people read and work in: server-rendered, with a map; they call what the command line calls."""
