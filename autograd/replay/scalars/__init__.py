"""Programs of Values: each place one number."""
