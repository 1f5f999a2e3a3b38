"""`python -m neurograft` is the command `neurograft`."""

from neurograft.cli import main

main()
