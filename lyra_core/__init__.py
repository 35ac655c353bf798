"""Lyra: a symbolic language with namespaces, packages and plugins, hosted on Python."""

__version__ = "0.1.0"
