"""``python -m tui`` is the same as the ``dexup`` command."""

import sys

from tui.entry import main

if __name__ == "__main__":
    sys.exit(main())
