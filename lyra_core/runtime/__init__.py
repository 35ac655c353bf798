"""A running Lyra: sessions, the linking of modules, capabilities, hot reload."""
