"""From the syntax tree to resolved expressions and bytecode."""
