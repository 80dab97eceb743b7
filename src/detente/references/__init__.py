"""Published results that the models must reproduce, one paper or program a file."""
