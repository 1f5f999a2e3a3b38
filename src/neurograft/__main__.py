"""`python -m neurograft` is the command `neurograft`."""

from neurograft.cli.main import main

main()
