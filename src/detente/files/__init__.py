"""Reading and writing: worlds, scenarios and outcomes on disk."""
