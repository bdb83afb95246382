"""Make `python -m mlci` the command line."""

from mlci.cli import program

program()
