"""std::tensor: arrays of numbers outside the evaluator, and linear algebra on them and on lists."""
