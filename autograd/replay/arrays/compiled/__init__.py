"""Programs of Tensors as machine code: convolutions, pooling, matrix products and elementwise chains in native loops.

numba brings the compiler, LLVM. The code is written in LLVM's own language, shapes and all, so that numba itself is
never imported: a program that is compiled already starts without its 0.3 s.
"""

from autograd.replay.arrays.compiled.executor import CompiledArrays

__all__ = ["CompiledArrays"]
