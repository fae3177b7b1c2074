"""`python -m ctibridge`."""

import sys

from ctibridge.cli import main

sys.exit(main())
