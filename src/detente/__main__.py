"""`python -m detente` is the command `detente`."""

from detente.cli.entry import main

if __name__ == "__main__":
    main()
