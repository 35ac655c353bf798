"""Sets of small numbers as a foreign type of Lyra."""
