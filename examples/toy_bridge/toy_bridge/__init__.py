"""A bridge to a toy language: `interface = "toy-bridge"`."""
