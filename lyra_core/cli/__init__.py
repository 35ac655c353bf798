"""The command line: a small front door, and typer behind it."""
