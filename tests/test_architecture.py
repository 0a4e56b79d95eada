"""The design's rules about the code itself, checked on the syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import deepseek_magic

ROOT = Path(deepseek_magic.__file__).parent
SETTINGS = {"addresses", "credentials", "settings"}
#: What each package may import of ours, itself apart (design, section 1). Single modules go before their package.
MAY_IMPORT = {
    "version": set(),
    "errors": {"version"},
    "servers": {"errors"},
    "addresses": {"errors", "servers"},
    "credentials": {"errors", "servers", "addresses"},
    "settings": {"errors", "servers", "addresses", "credentials"},
    "forks": set(),
    "api": {"errors", "forks", "servers", *SETTINGS, "version"},
    "prompt": {"errors", "forks", *SETTINGS, "api.messages", "api.events", "api.catalogue"},
    "render": {"errors", "api.messages", "api.events", "api.catalogue"},
    "chat": {"errors", *SETTINGS, "api", "prompt", "render"},
    "mapping": {"errors", "forks", *SETTINGS, "api", "prompt", "render.base", "chat"},
    "magics": {
        "errors",
        "forks",
        "addresses",
        "credentials",
        "settings",
        "api",
        "prompt",
        "render",
        "chat",
        "mapping",
        "demo",
        "version",
    },
    "demo": {"api.messages", "api.events", "errors", "forks", *SETTINGS, "version"},
    "cli": {
        "errors",
        "addresses",
        "credentials",
        "settings",
        "api",
        "prompt",
        "render",
        "chat",
        "magics",
        "demo",
        "version",
    },
    "__main__": {"cli"},
    "__init__": {
        "errors",
        "addresses",
        "credentials",
        "settings",
        "api",
        "prompt",
        "render",
        "chat",
        "mapping",
        "magics",
        "version",
    },
}
BACK_ENDS = {"render.widget", "render.display", "render.terminal", "render.plain"}
#: Foreign packages that only these modules may import.
ONLY = {
    "requests": {"api.client", "api.foreign", "api.sending"},
    "urllib3": {"api.client", "api.foreign", "api.sending"},
    "ipywidgets": {"render.widget", "render.sections", "render.display", "render.choose"},
    "IPython": {
        "render.widget",
        "render.display",
        "render.choose",
        "magics",
        "cli",
        "__init__",
        "demo.run",
        "demo.follow",
    },
    "IPython.core.magic": {"magics"},
    "traitlets": {"magics"},
    "keyring": {"magics"},
    "rich": {"render.terminal", "render.formatted"},
    "nh3": {"render.markup"},
    "markdown": {"render"},
    "pygments": {"render"},
    "nbclient": {"demo.run", "demo.follow"},
    "nbformat": {"demo.run", "demo.follow"},
    "nbconvert": {"demo.run", "demo.follow"},
}
READS_ENVIRONMENT = {"magics", "cli", "__init__", "demo.run", "demo.follow"}
MAKES_SAFE_HTML = {"render.markup", "render.panels", "render.dress", "render.highlight", "render.commonmark"}


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


TREES = {name_of(file): ast.parse(file.read_text(encoding="utf-8")) for file in sorted(ROOT.rglob("*.py"))}
MODULES = sorted(TREES)


def within(name: str, allowed: set[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in allowed)


def for_types_alone(tree: ast.Module) -> set[ast.AST]:
    """The nodes below ``if TYPE_CHECKING:``."""
    guarded = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
    ]
    return {inner for node in guarded for statement in node.body for inner in ast.walk(statement)}


def imported(module: str, *, types: bool = True) -> Iterator[str]:
    """The full names of what ``module`` imports, with ``deepseek_magic.`` before ours."""
    skipped = set() if types else for_types_alone(TREES[module])
    package = f"deepseek_magic.{module}".split(".")
    if module != "__init__" and not (ROOT / Path(*module.split(".")) / "__init__.py").exists():
        package = package[:-1]
    if module == "__init__":
        package = ["deepseek_magic"]
    for node in ast.walk(TREES[module]):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{origin}.{alias.name}"
                yield full if full.removeprefix("deepseek_magic.") in TREES else origin


def ours(module: str, *, types: bool = True) -> set[str]:
    """The modules of this package that ``module`` imports."""
    names = {name for name in imported(module, types=types) if name.split(".")[0] == "deepseek_magic"}
    return {name.removeprefix("deepseek_magic").removeprefix(".") or "__init__" for name in names} - {module}


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_what_its_package_may(module):
    home = module.split(".")[0]
    for name in ours(module):
        assert name.split(".")[0] == home or within(name, MAY_IMPORT[home]), f"{module} imports {name}"


@pytest.mark.parametrize("module", [module for module in MODULES if module.startswith("chat")])
def test_the_conversation_knows_no_back_end(module):
    assert not ours(module) & BACK_ENDS


@pytest.mark.parametrize("module", MODULES)
def test_a_foreign_package_is_imported_in_its_place_alone(module):
    for name in imported(module):
        for foreign, places in ONLY.items():
            if within(name, {foreign}):
                assert within(module, places), f"{module} imports {name}"


@pytest.mark.parametrize("module", ["version", "errors", "forks", "servers", "addresses", "credentials", "settings"])
def test_the_base_needs_the_standard_library_alone(module):
    for name in imported(module):
        assert name.split(".")[0] in {*sys.stdlib_module_names, "deepseek_magic"}


def test_there_is_no_import_cycle():
    left = {module: ours(module, types=False) & TREES.keys() for module in MODULES}
    while left:
        free = {module for module, needs in left.items() if not needs & left.keys()}
        assert free, f"a cycle among {sorted(left)}"
        left = {module: needs for module, needs in left.items() if module not in free}


@pytest.mark.parametrize("module", MODULES)
def test_the_environment_is_read_in_few_places(module):
    if within(module, READS_ENVIRONMENT):
        return
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
            assert ast.unparse(node.value) != "os", f"{module} reads the environment"
        if isinstance(node, ast.Name):
            assert node.id != "get_ipython", f"{module} looks for the shell"


@pytest.mark.parametrize("module", MODULES)
def test_only_markup_makes_safe_html(module):
    if within(module, MAKES_SAFE_HTML):
        return
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Call):
            assert ast.unparse(node.func).split(".")[-1] not in ("SafeHtml", "_safe"), f"{module} makes SafeHtml"


@pytest.mark.parametrize("module", MODULES)
def test_nothing_runs_text_or_trusts_pickles(module):
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called == "compile" and module == "magics.code_cells":
                continue  # it only asks whether code of a reply would compile
            if called in ("eval", "compile") and module == "prompt.interpolate":
                continue  # it evaluates what the user typed between braces, in order to have it evaluated
            if called == "eval" and module == "magics.namespace":
                continue  # it evaluates what the user typed as an option's value
            assert called not in ("eval", "exec", "pickle.loads", "os.system", "compile", "__import__")
        if isinstance(node, ast.keyword):
            assert (node.arg, ast.unparse(node.value)) not in (("shell", "True"), ("verify", "False"))


def documented(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every public class, function and method (those of public classes) with its name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            yield f"{outer}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from documented(node, f"{node.name}.")


@pytest.mark.parametrize("module", MODULES)
def test_everything_public_has_a_docstring(module):
    assert ast.get_docstring(TREES[module])
    for name, node in documented(TREES[module]):
        overridden = any(ast.unparse(decorator).endswith(("override", ".setter")) for decorator in node.decorator_list)
        assert ast.get_docstring(node) or overridden, f"{module}.{name} has no docstring"


@pytest.mark.parametrize("file", sorted(ROOT.rglob("*.py")), ids=name_of)
def test_nothing_is_left_to_do(file):
    source = file.read_text(encoding="utf-8")
    for mark in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"):
        assert mark not in source
