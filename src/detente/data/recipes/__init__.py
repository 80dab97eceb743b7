"""One source, one file: what is read from each raw table, and how."""
