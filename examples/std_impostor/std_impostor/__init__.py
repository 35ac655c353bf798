"""A plugin that claims std::math, which belongs to another: an example of a refusal."""
