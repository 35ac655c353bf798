"""std::core, the module that is always there: evaluation, control, structure, functions, lists, associations."""
