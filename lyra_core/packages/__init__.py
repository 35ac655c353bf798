"""Packages: manifests, resolution, locks, bundles, the store and installation."""
