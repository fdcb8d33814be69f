// Tries the wheel in Pyodide, under Node: the quick start, without an installation.
//
//   node docs/try_pyodide.mjs WHEEL PYODIDE [PACKAGE ...]
//
// PYODIDE is the folder of the npm package `pyodide`. Each PACKAGE is a file with what gradwalk needs: a wheel, or a conda
// package in .tar.gz, as the npm packages of @emscripten-forge hold them. NumPy has to be built for Pyodide's own Python and
// Emscripten. Without it, all that can be tried is whether Pyodide's Python reads the sources and has the modules of the
// standard library that they import. The last line says which it was: "everything" or "sources only: NumPy ...".

import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
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
import doctest, re

names = {}
blocks = re.findall(r"^\`\`\`(?:python|{film})\\n(.*?)^\`\`\`$", page, re.MULTILINE | re.DOTALL)
for block in blocks:
    if block.startswith(">>>"):
        test = doctest.DocTestParser().get_doctest(block, names, "quick start", None, 0)
        test.globs = names  # itself, for the blocks after it
        told = []
        failed = doctest.DocTestRunner().run(test, out=told.append, clear_globs=False).failed
        assert not failed, "".join(told)
    else:
        exec(block, names)
dot = names["draw"](names["y"]).dot
assert dot.startswith("digraph gradwalk {"), dot
f"everything: the {len(blocks)} blocks of the quick start, and DOT"
`;

async function tryWheel(wheel, folder, packages) {
    const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")).href);
    const pyodide = await loadPyodide({ indexURL: `${resolve(folder)}/` });
    const home = pyodide.runPython("import site; site.getsitepackages()[0]");
    const unpack = (file) => {
        const [format, extractDir] = file.endsWith(".whl") ? ["wheel", home] : ["gztar", "/"]; // conda's begin at lib/
        pyodide.unpackArchive(new Uint8Array(readFileSync(file)), format, { extractDir });
    };
    unpack(wheel);
    pyodide.globals.set("home_folder", home);
    console.log(pyodide.runPython(SOURCES));
    for (const file of packages) unpack(file);
    if (!packages.some((file) => basename(file).startsWith("numpy-"))) {
        return "sources only: NumPy is not in the npm package of Pyodide; give its file as well";
    }
    pyodide.globals.set("page", readFileSync(new URL("site/quick_start.md", import.meta.url), "utf8"));
    return pyodide.runPython(QUICK_START);
}

const [wheel, folder, ...packages] = process.argv.slice(2);
if (!folder) {
    console.error("usage: node docs/try_pyodide.mjs WHEEL PYODIDE [PACKAGE ...]");
    process.exitCode = 2;
} else {
    try {
        console.log(await tryWheel(wheel, folder, packages));
    } catch (error) {
        console.error(error.message); // Python's traceback; Node would print Pyodide's sources before it
        process.exitCode = 1;
    }
}
