"""Words that are wrong everywhere in our texts: the package, the documents and the examples are read for them.

The list is short on purpose. What reads badly in one sentence and well in another is for a reader, not for a test.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from tests.parsed import tree

ROOT = Path(__file__).parents[1]
DOCUMENTS = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
#: What may follow "is no".
_FINE = r"(?:longer|more|less|fewer|other|such|need|better|worse|later|larger)\b"
WRONG = {
    r"\banew\b": "again",
    r"\bdearer\b": "more expensive",
    r"\bnoughts?\b": "zeros",
    r"\bof yours\b": "your …",
    r"\b(?:Tell|Tells|tell|tells) whether\b": "Return whether, show whether",
    r"\bgo(?:es)? before\b": "overrides",
    r"\b(?:is|are|was|were) no (?!" + _FINE + r")[a-z]+": "is not a, does not have",
}
WRONG_SPACED = {re.compile(pattern.replace(" ", r"\s+")): better for pattern, better in WRONG.items()}


def texts() -> Iterator[tuple[str, str]]:
    """Every text that a person reads, with where it stands."""
    for file in sorted((ROOT / "deepseek_magic").rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type in (tokenize.COMMENT, tokenize.STRING):
                yield f"{file.relative_to(ROOT)}:{token.start[0]}", token.string
    for name in DOCUMENTS:
        if (ROOT / name).exists():
            yield name, (ROOT / name).read_text(encoding="utf-8")
    for file in sorted((ROOT / "examples").glob("*.ipynb")):
        for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
            yield file.name, "".join(cell["source"])


def found(text: str) -> list[str]:
    """What of ``text`` is on the list, with what to write in its place."""
    there_is = re.compile(r"\bthere\s+(?:is|are|was|were)\s+no\b", re.IGNORECASE)
    plain = there_is.sub("there is not any", text)
    return [f"{match[0]!r}: {better}" for one, better in WRONG_SPACED.items() for match in one.finditer(plain)]


def test_the_list_finds_what_it_should() -> None:
    """Each of these is found, and what is close to it and right is not."""
    assert (
        len(found("Set it anew. This is dearer. A name of yours. Tell whether it\nis. It goes before. It is no text."))
        == 6
    )
    assert found("There is no key. It is no longer asked. No more than ten are no larger than one. Tell me why.") == []


def test_our_texts_are_free_of_it() -> None:
    """By place, so that the list can be worked through."""
    assert [f"{place}: {what}" for place, text in texts() for what in found(text)] == []


#: What no docstring of a function begins with: it says what is done or returned, so it begins with a verb.
NO_VERBS = {"The", "A", "An", "What", "Whether", "Why", "How", "Every", "One", "Returns", "Yields", "This"}


def test_the_docstring_of_a_function_begins_with_a_verb() -> None:
    """That of a property says what it is."""
    offenders = []
    for file in sorted((ROOT / "deepseek_magic").rglob("*.py")):
        for node in ast.walk(tree(file)):
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("__"):
                continue
            decorators = " ".join(map(ast.unparse, node.decorator_list))
            if "property" in decorators or "MadeOnce" in decorators:
                continue
            first = (ast.get_docstring(node) or "Do").split()[0]
            if first in NO_VERBS or first.startswith("`"):
                offenders.append(f"{file.relative_to(ROOT)}:{node.lineno}")
    assert offenders == []
