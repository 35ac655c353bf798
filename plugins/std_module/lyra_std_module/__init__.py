"""std::module: what modules exist and what they offer."""
