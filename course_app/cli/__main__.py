"""`python -m course_app.cli` is the `course` command."""

import sys

from . import main

sys.exit(main())
