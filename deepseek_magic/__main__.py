"""``python -m deepseek_magic``: the same as the command ``deepseek-magic``."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
