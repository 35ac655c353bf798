"""One command, one file; each file adds itself to the application with `add_to`."""
