"""Programs of Tensors: each place one array."""
