"""LLVM's language -> machine code, kept in a cache on disk, loaded and called."""

from __future__ import annotations

import ctypes
import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from autograd.optional import optional
from autograd.progress import Progress
from autograd.replay.arrays.compiled.assembly import Machine

llvm: Any = optional(
    "llvmlite.binding", of="numba's LLVM", extra="fast", needed_by="backend='numba'", otherwise="take backend='numpy'"
)

if llvm.llvm_version_info[0] < 20:  # before that, addresses had types
    raise ImportError(
        f"backend='numba' needs the LLVM 20 of numba 0.62, and finds {'.'.join(map(str, llvm.llvm_version_info))}; "
        f"pip install --upgrade 'gradwalk[fast]'"
    )

_DIGEST = 32  # bytes of the checksum ahead of the code in a file


def _target() -> Any:
    """A new one for each use: whatever it is handed to owns it, and frees it."""
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    features = llvm.get_host_cpu_features().flatten()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=features, opt=3, jit=True
    )


@lru_cache(maxsize=1)
def machine() -> Machine:
    """This machine's vectors."""
    features = llvm.get_host_cpu_features()
    if features.get("avx512f") and features.get("avx512bw") and features.get("avx512vl"):
        return Machine(64, 32)
    return Machine(32, 16) if features.get("avx2") else Machine(16, 32 if features.get("neon") else 16)


def identity() -> str:
    """What the machine code depends on besides its source."""
    return "|".join(
        (llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), *map(str, llvm.llvm_version_info))
    )


def cache_folder() -> Path:
    """Where machine code is kept: NUMBA_CACHE_DIR if it is set, else the user's own cache."""
    given = os.environ.get("NUMBA_CACHE_DIR")
    if given:
        return Path(given) / "gradwalk"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gradwalk"


class Library:
    """Machine code in memory. Functions stay valid as long as it lives."""

    def __init__(self, code: bytes) -> None:
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()

    def function(self, name: str) -> Callable[[int], None]:
        """A function of one address."""
        address = self._engine.get_function_address(name)
        return ctypes.CFUNCTYPE(None, ctypes.c_void_p)(address)


def compiled(source: str) -> bytes:
    """The machine code of a module in LLVM's language."""
    module = llvm.parse_assembly(source)
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    options.loop_vectorization = False  # the code is written in vectors already
    options.slp_vectorization = False
    target = _target()
    builder = llvm.create_pass_builder(target, options)
    builder.getModulePassManager().run(module, builder)
    return bytes(target.emit_object(module))


def library(key: str, write: Callable[[], str]) -> Library:
    """The library of a key: from the cache, or compiled from what `write` returns and kept there."""
    path = cache_folder() / f"{key}.o"
    code = _kept(path)
    if code is None:
        with Progress("compiling"):
            code = compiled(write())
        _keep(path, code)
    return Library(code)


def _kept(path: Path) -> bytes | None:
    """The code in a file; None where there is none, or where the file is not what was written."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    digest, code = content[:_DIGEST], content[_DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(path: Path, code: bytes) -> None:
    """Write a file at once, so that no other process reads half of it; a folder that refuses it is no error."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(hashlib.sha256(code).digest() + code)
        unfinished.replace(path)
    except OSError:
        pass
