"""How a change of an array in place is noticed, which no setter sees: by a checksum from when it was handed out."""

from __future__ import annotations

from typing import Any

from autograd.arrays import fingerprint_of


def note_change_in_place(leaf: Any) -> None:
    """Compare a leaf's data with its fingerprint, and note a change: earlier results no longer belong to it."""
    notes = leaf._notes
    if notes is None:
        return
    if notes.viewed is not None:
        note_change_in_place(notes.viewed)
    if notes.fingerprint is not None and notes.fingerprint != (fingerprint := fingerprint_of(leaf._data)):
        notes.fingerprint = fingerprint
        leaf._note_change()
