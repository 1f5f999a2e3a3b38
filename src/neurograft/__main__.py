"""`python -m neurograft` is the command `neurograft`."""

from neurograft.cli.application import main

main()
