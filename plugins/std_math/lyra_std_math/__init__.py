"""std::math: arithmetic, elementary functions, number theory, algebra."""
