"""The example that ships with its answers: run anywhere, without a key, it gives what it shows."""

from __future__ import annotations

import nbformat
import pytest

from deepseek_magic.guard import Guard
from tests.demo.shipped import EXAMPLE, run
from tests.demo.test_examples import PATHS, outputs, replies, told

pytestmark = pytest.mark.kernel


def seen(cell):
    """The outputs of a cell, but for their markup, which may change with how replies look."""
    return [(told(output), output.get("metadata")) for output in cell.outputs]


def test_it_answers_from_itself():
    """Every output is the one that the file shows, but for the port of the demo; the cell that is meant to fails."""
    shipped = nbformat.read(EXAMPLE, as_version=4)
    nbformat.validate(shipped)
    again = run(shipped)
    assert len(replies(shipped)) == 5
    for cell, now in zip(shipped.cells, again.cells, strict=True):
        if cell.cell_type == "code" and "%deepseek_demo" not in cell.source:
            assert seen(now) == seen(cell), f"{cell.source}: run python -m tests.demo.shipped"
    for reply in replies(again):
        assert ", in the notebook" in reply.data["text/html"]
    (failed,) = [output for _, output in outputs(again) if output.output_type == "error"]
    assert failed.ename == "NotKept"
    assert "differs in the setting max_tokens; --replay auto asks the endpoint" in failed.evalue


def test_it_holds_no_secret_and_no_path():
    """In sources and outputs, metadata included."""
    shipped = nbformat.read(EXAMPLE, as_version=4)
    for _, output in outputs(shipped):
        assert not PATHS.search(told(output))
        assert Guard("mask", {}).clean(told(output), "an output").findings == ()
