"""The bridge to Python: `interface = "python-bridge"`."""
