"""The planned kernels, by family."""
