"""`python -m psolink` is the command `psolink`."""

from psolink.cli import main

if __name__ == "__main__":
    main()
