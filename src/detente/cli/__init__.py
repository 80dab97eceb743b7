"""The command line: a thin second face of the library."""
