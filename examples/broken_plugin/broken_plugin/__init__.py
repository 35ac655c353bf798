"""A plugin that raises when it is imported: an example of quarantine."""
