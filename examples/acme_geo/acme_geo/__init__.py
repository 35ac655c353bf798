"""Distances on the globe and shapes in the plane, for Lyra."""
