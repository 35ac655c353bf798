"""`lyra pkg`: one command a file; the work itself is in `lyra_core.operations`."""
