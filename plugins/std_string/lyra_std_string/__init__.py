"""std::string: strings, characters and string patterns."""
