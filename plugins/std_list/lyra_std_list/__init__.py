"""std::list: building, rearranging, selecting and searching lists."""
