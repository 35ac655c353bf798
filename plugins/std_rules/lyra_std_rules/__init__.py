"""std::rules: rules, patterns as values, rewriting."""
