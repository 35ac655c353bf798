"""std::table: series, data sets and tables of columns."""
