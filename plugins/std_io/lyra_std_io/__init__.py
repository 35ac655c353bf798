"""std::io: files, formats and the network."""
