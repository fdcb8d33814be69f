// Tries the wheel in Pyodide, under Node: the quick start, without an installation.
//
//   node docs/try_pyodide.mjs WHEEL PYODIDE [WHEELS]
//
// PYODIDE is the folder of the npm package `pyodide`. WHEELS is a folder with what gradwalk needs, built for Pyodide:
// NumPy, safetensors and tqdm, which Pyodide's own distribution has and its npm package has not, and graphviz, which is pure
// Python. Without NumPy, all that can be tried is whether Pyodide's Python reads the sources and has the modules of the
// standard library that they import. The last line says which it was: "everything" or "sources only: NumPy ...".

import { readFileSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const SOURCES = `
import ast, importlib.util, sys
from pathlib import Path

home, packages = Path(home_folder), ["autograd", "nn", "viz", "gradwalk"]
sources = [path for package in packages for path in sorted((home / package).rglob("*.py"))]
standard, others = set(), set()
for path in sources:
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    compile(tree, str(path), "exec")
    for node in tree.body:
        names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
        names += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
        for name in names:
            top = name.partition(".")[0]
            (standard if top in sys.stdlib_module_names else others).add(top)
missing = []
for name in sorted(standard - {"__future__"}):
    try:
        __import__(name)
    except ImportError as error:
        missing.append(f"{name}: {error}")
if missing:
    raise ImportError("the standard library lacks " + "; ".join(missing))
needed = sorted(others - set(packages))
f"{len(sources)} files compile on Python {sys.version.split()[0]}; imported at once: {', '.join(needed)}"
`;

const QUICK_START = `
from autograd import Value, Tensor
from autograd.testing import check_grad
import numpy as np

x, w, b = Value(1.5), Value(-2.0), Value(0.5)
y = (w * x + b).tanh()
y.backward()
assert round(w.grad, 6) == round((1 - y.data**2) * 1.5, 6)

from viz import draw
names = {"x": x, "w": w, "b": b, "y": y}
text = str(draw(y, names=names))
assert "y = tanh(v₂)" in text and "0.03989" in text, text
dot = draw(y, names=names).dot
assert dot.startswith("digraph gradwalk {"), dot

assert check_grad(lambda X: np.square(X).mean(), Tensor(np.array([[1.0, 2.0], [3.0, -1.0]])))
import nn
import nn.functional as F
layer = nn.Linear(3, 2, rng=np.random.default_rng(0))
F.cross_entropy(layer(np.ones((4, 3))), np.array([0, 1, 1, 0])).backward()
assert layer.weight.grad.shape == (2, 3)
`;

async function tryWheel(wheel, folder, wheels) {
    const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")).href);
    const pyodide = await loadPyodide({ indexURL: `${resolve(folder)}/` });
    const home = pyodide.runPython("import site; site.getsitepackages()[0]");
    const unpack = (file) => pyodide.unpackArchive(new Uint8Array(readFileSync(file)), "wheel", { extractDir: home });
    unpack(wheel);
    pyodide.globals.set("home_folder", home);
    console.log(pyodide.runPython(SOURCES));
    const given = wheels ? readdirSync(wheels).filter((name) => name.endsWith(".whl")) : [];
    for (const name of given) unpack(resolve(wheels, name));
    if (!given.some((name) => name.startsWith("numpy-"))) {
        return "sources only: NumPy is not in the npm package of Pyodide; give a folder with its wheel";
    }
    pyodide.runPython(QUICK_START);
    return "everything: import, backward, text, DOT, check_grad, a layer";
}

const [wheel, folder, wheels] = process.argv.slice(2);
if (!folder) {
    console.error("usage: node docs/try_pyodide.mjs WHEEL PYODIDE [WHEELS]");
    process.exitCode = 2;
} else {
    try {
        console.log(await tryWheel(wheel, folder, wheels));
    } catch (error) {
        console.error(error.message); // Python's traceback; Node would print Pyodide's sources before it
        process.exitCode = 1;
    }
}
