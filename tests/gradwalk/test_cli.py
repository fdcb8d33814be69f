"""The command: what it prints, what it writes, its exit status, and its answer to a mistake."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gradwalk.demo
from gradwalk.cli import main
from gradwalk.demo import EPOCHS, REQUIRED_ACCURACY

ROOT = Path(__file__).resolve().parents[2]


def command(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m gradwalk` in a process of its own, from another folder than the sources."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        [sys.executable, "-m", "gradwalk", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The message of a wrong command line, which ends with status 2."""
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_help_names_the_demo_and_its_options(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, expected in (
        (["--help"], ("demo", "--version")),
        (["demo", "--help"], ("--out", "--seed", "--epochs")),
    ):
        with pytest.raises(SystemExit) as stop:
            main(arguments)
        assert stop.value.code == 0
        printed = capsys.readouterr().out
        assert all(word in printed for word in expected)


def test_without_a_command_it_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "usage: gradwalk" in capsys.readouterr().out


def test_help_needs_no_numpy(tmp_path: Path) -> None:
    (tmp_path / "numpy.py").write_text("raise ImportError('not here')\n", encoding="utf-8")
    environment = {"PYTHONPATH": os.pathsep.join((str(tmp_path), str(ROOT)))}
    assert command("--help", cwd=tmp_path, **environment).returncode == 0
    broken = command("demo", cwd=tmp_path, **environment)
    assert (broken.returncode, broken.stderr) == (1, "gradwalk: not here\n")


def test_version(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradwalk.version", lambda _: "1.2.3")
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert (stop.value.code, capsys.readouterr().out) == (0, "gradwalk 1.2.3\n")


def test_version_of_sources_that_were_never_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> str:
        raise gradwalk.PackageNotFoundError(name)

    monkeypatch.setattr("gradwalk.version", absent)
    assert gradwalk.version_text() == "(not installed)"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("demo", "--epochs", "0"), "0 is below 1"),
        (("demo", "--epochs", "many"), "'many' is no whole number"),
        (("demo", "--seed", "-1"), "-1 is below 0"),
        (("demo", "--seed", "1.5"), "'1.5' is no whole number"),
        (("demonstrate",), "invalid choice: 'demonstrate'"),
        (("demo", "--output", "x"), "unrecognized arguments"),
    ],
)
def test_a_wrong_command_line(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str) -> None:
    message = refused(capsys, *arguments)
    assert words in message
    assert "usage: gradwalk" in message


def test_a_folder_that_cannot_be_made(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    folder = tmp_path / "file" / "demo"
    assert main(["demo", "--out", str(folder)]) == 1
    message = capsys.readouterr()
    assert message.err == f"gradwalk: cannot write to {folder}: Not a directory; choose another folder with --out\n"
    assert message.out == ""  # before any work


def test_a_folder_that_cannot_be_written_to(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(dir: Path) -> None:
        raise PermissionError(13, "Permission denied", str(dir))

    monkeypatch.setattr("gradwalk.demo.run.tempfile.TemporaryFile", denied)
    assert main(["demo", "--out", str(tmp_path)]) == 1
    assert f"cannot write to {tmp_path}: Permission denied; choose" in capsys.readouterr().err


def test_without_scikit_learn_the_extra_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert main(["demo", "--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert "gradwalk[demo]" in printed.err
    assert "Traceback" not in printed.err
    assert "o1_in" in printed.out  # what needs no digits was shown


def test_without_a_dependency_the_extra_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gradwalk.demo", None)
    assert main(["demo"]) == 1
    assert "which the demo needs: pip install 'gradwalk[demo]'" in capsys.readouterr().err


def test_an_interrupt_ends_without_a_traceback(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gradwalk.demo, "run_demo", interrupted)
    assert main(["demo", "--out", str(tmp_path)]) == 130
    assert capsys.readouterr().err == "gradwalk: interrupted\n"


def test_one_epoch_writes_a_page_and_says_that_it_does_not_suffice(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    done = command("demo", "--epochs", "1", cwd=tmp_path)
    page = tmp_path / "gradwalk-demo" / "index.html"
    assert done.returncode == 1, done.stderr
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert done.stdout.splitlines()[-1] == f"page:     {page.resolve()}"
    assert "epoch 1/1: 100%" in done.stderr
    message = done.stderr.splitlines()[-1]
    assert message.startswith("gradwalk: the network reads ")
    assert f"less than the {100 * REQUIRED_ACCURACY:g} %" in message
    assert f"--epochs {EPOCHS}" in message


def test_the_table_in_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    main(["demo", "--epochs", "1", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert printed.isascii()
    rows = {line.split()[0]: line.split()[1:] for line in printed.splitlines() if line}
    assert rows["o1_in"] == ["-0.7364", "-0.3682", "cross", "terms"]
    assert rows["x1"] == ["-0.0736", "-0.0171", "cross", "terms,", "stray", "factor"]
    assert rows["o1_out"] == ["-1.5827", "-1.5828", "rounding"]
    assert rows["Wx1h2"] == ["0.0000", "0", "(agrees)"]
    assert "through o2_out:   1.5827 x -0.2326 = -0.3682  left out" in printed
    assert f"2. Its chain-rule graph: {tmp_path / 'seed003.svg'}" in printed
    assert (tmp_path / "seed003.svg").read_text(encoding="utf-8").startswith("<svg")


def test_without_a_layout_engine_the_terminal_shows_the_graph_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    monkeypatch.setattr("viz.render.shutil.which", lambda _: None)
    monkeypatch.setattr("viz.render.embedded_available", lambda: False)
    main(["demo", "--epochs", "1", "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "E_total = " in printed
    (remark,) = (line for line in printed.splitlines() if line.startswith("The graph is here as text"))
    assert "pip install" in remark
    assert "E_total" in (tmp_path / "seed003.txt").read_text(encoding="utf-8")
    assert not (tmp_path / "seed003.svg").exists()


def test_quiet_prints_the_accuracy_and_the_page_alone(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sklearn", reason="the digits come with scikit-learn")
    assert main(["demo", "--epochs", "1", "--out", str(tmp_path), "--quiet"]) == 1
    printed = capfd.readouterr()
    assert [line.split(":")[0] for line in printed.out.splitlines()] == ["accuracy", "page"]
    assert len(printed.err.splitlines()) == 1


def test_a_reader_that_leaves_causes_no_traceback(tmp_path: Path) -> None:
    code = (
        "import sys; from gradwalk.cli import main; sys.exit(main(['demo', '--out', 'x', '--quiet', '--epochs', '1']))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": ""}
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait() == 1
    assert "Traceback" not in errors
    assert "BrokenPipe" not in errors


def test_a_terminal_that_lacks_a_character_shows_another(tmp_path: Path) -> None:
    code = "from gradwalk.cli import main; main([]); print('\\u2202')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "?")
