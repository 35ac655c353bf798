"""Where packages are found: the interface of registries, and the folder and memory kinds of it."""
