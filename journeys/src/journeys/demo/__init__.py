"""A whole sale, step by step, each line with what was observed and how long it took."""
