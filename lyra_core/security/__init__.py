"""What packages may do, and what stops them from doing more."""
