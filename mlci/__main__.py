"""Make `python -m mlci` the command line."""

import sys

from mlci.cli import main

sys.exit(main())
