"""`python -m conformance`."""

import sys

from conformance.cli import main

try:
    sys.exit(main())
except BrokenPipeError:  # `… list | head`: nobody reads on
    sys.stderr.close()
    sys.exit(1)
