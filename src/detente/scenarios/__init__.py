"""The scenarios that ship with the package, as YAML files."""
