"""The derivative table, by family."""
