"""Files of programs that somebody changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from autograd.replay.saving import _checksum


def rewritten(path: Path, change: Any) -> Path:
    """The file with another graph and checksums that fit it, as a hostile one would be."""
    document = json.loads(path.read_text())
    change(document["graph"])
    document["checksum"] = _checksum(document["graph"], document["checksum of arrays"])
    path.write_text(json.dumps(document))
    return path
