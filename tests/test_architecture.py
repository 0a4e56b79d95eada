"""The rules of CONTRIBUTING.md about the code itself, checked on the syntax trees."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import deepseek_magic
from tests.parsed import tree

ROOT = Path(deepseek_magic.__file__).parent
#: The floors of the house, from the ground up: a room imports only what stands below it. Rooms that stand on one floor
#: do not import each other.
FLOORS = (
    {"version", "text", "forks", "first_use"},
    {"errors"},
    {"settings"},
    {"api", "commonmark", "credentials", "guard"},
    {"description", "render"},
    {"notebook"},
    {"context"},
    {"record"},
    {"chat"},
    {"structured"},
    {"tools", "batch", "background"},
    {"reach"},
    {"demo", "doctor"},
    {"app"},
    {"commands"},
    {"magics"},
    {"command_line", "shell_record"},
    {"cli", "__init__"},
    {"__main__"},
)
#: What is allowed beside the floors, until the module has found its place.
BESIDE: set[tuple[str, str]] = set()
#: Foreign packages that only these modules may import.
ONLY = {
    "requests": {"api.http_connection", "api.http_errors", "api.network", "api.transport"},
    "urllib3": {"api.http_connection", "api.http_errors", "api.socks_connection"},
    "ipywidgets": {"render.back_ends.widget", "render.stage", "render.sections", "render.places", "render.choose"},
    "IPython": {
        "render.back_ends.widget",
        "render.places",
        "render.progress",
        "magics",
        "cli",
        "__init__",
        "demo.run",
        "demo.follow",
    },
    "IPython.core.magic": {"magics"},
    "traitlets": {"magics"},
    "keyring": {"credentials.keyring"},
    "dotenv": {"credentials.dotenv_file"},
    "tomli": {"credentials.profiles"},
    "joblib": {"batch.cluster"},
    "rich": {"render.back_ends.terminal", "render.rich_text"},
    "pypdf": {"context.documents"},
    "mcp": {"reach.mcp_client", "reach.mcp_transport"},
    "mcp_types": {"reach.mcp_client", "reach.mcp_transport"},
    "anyio": {"reach.mcp_transport"},
    "httpx2": {"reach.mcp_transport"},
    "nh3": {"render.safe_html"},
    "latex2mathml": {"render.mathml", "render.math_letters"},
    "markdown": {"commonmark.extension"},
    "pygments": {"render"},
    "nbclient": {"demo.run", "demo.follow"},
    "nbformat": {"demo.run", "demo.follow"},
    "nbconvert": {"demo.run", "demo.follow"},
}
#: Names of modules that are the same thing in two rooms: the endpoint's part of it, and the user's.
IN_TWO_ROOMS = {
    "account",
    "private_file",
    "extension",
    "sentences",
    "continue_",
    "fim",
    "keys",
    "cells",
    "frames",
    "values",
    "plan",
    "__main__",
}
#: The network: it names the variables that `requests` reads.
READS_ENVIRONMENT = {"magics", "app", "cli", "__init__", "demo.run", "demo.follow", "api.network"}
MAKES_SAFE_HTML = {
    *("render.safe_html", "render.panels", "render.found_pages", "render.ran_pieces", "render.cited_text"),
    *("render.style", "render.highlight", "render.html"),
}
#: Where text is evaluated or compiled: what the user typed, in order to have it evaluated; what would compile.
RUNS_TEXT = {
    ("app.code_cells", "compile"),
    ("context.expressions", "compile"),
    ("context.expressions", "eval"),
    # the body of a cell that ran, to be compared with what raised
    ("notebook.error.ran", "compile"),
    ("notebook.namespace", "eval"),
    # a piece of code that the user allowed (--tools run)
    ("notebook.pieces", "eval"),
    ("notebook.pieces", "exec"),
}


def name_of(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if len(parts) > 1 and parts[-1] == "__init__" else parts)


FILES = {name_of(file): file for file in ROOT.rglob("*.py")}
MODULES = sorted(FILES)


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
    skipped = set() if types else for_types_alone(tree(FILES[module]))
    package = f"deepseek_magic.{module}".split(".")
    if module != "__init__" and not (ROOT / Path(*module.split(".")) / "__init__.py").exists():
        package = package[:-1]
    if module == "__init__":
        package = ["deepseek_magic"]
    for node in ast.walk(tree(FILES[module])):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{origin}.{alias.name}"
                yield full if full.removeprefix("deepseek_magic.") in FILES else origin


def ours(module: str, *, types: bool = True) -> set[str]:
    """The modules of this package that ``module`` imports."""
    names = {name for name in imported(module, types=types) if name.split(".")[0] == "deepseek_magic"}
    return {name.removeprefix("deepseek_magic").removeprefix(".") or "__init__" for name in names} - {module}


FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}


def test_a_room_imports_only_what_stands_below_it():
    offenders = [
        f"{module} imports {name}"
        for module in MODULES
        for name in sorted(ours(module))
        if (room := module.split(".")[0]) != (other := name.split(".")[0])
        and FLOOR[other] >= FLOOR[room]
        and (module, name) not in BESIDE
    ]
    assert not offenders


def test_every_room_has_a_floor():
    assert sorted({module.split(".")[0] for module in MODULES} ^ FLOOR.keys()) == []


def test_the_conversation_knows_no_back_end():
    offenders = [
        f"{module} imports {name}"
        for module in MODULES
        if module.split(".")[0] in ("chat", "structured", "tools", "batch")
        for name in ours(module)
        if within(name, {"render.back_ends"})
    ]
    assert not offenders


def test_a_foreign_package_is_imported_only_in_its_place():
    offenders = [
        f"{module} imports {name}"
        for module in MODULES
        for name in imported(module)
        for foreign, places in ONLY.items()
        if within(name, {foreign}) and not within(module, places)
    ]
    assert not offenders


def test_the_ground_floors_need_only_the_standard_library():
    offenders = [
        f"{module} imports {name}"
        for module in MODULES
        if module.split(".")[0] in ("version", "text", "forks", "first_use", "errors", "settings")
        for name in imported(module)
        if name.split(".")[0] not in {*sys.stdlib_module_names, "deepseek_magic"}
    ]
    assert not offenders


def test_what_is_made_on_first_use_has_no_lock():
    """That of `functools.cached_property`, before Python 3.12, stays closed in a forked child: see `first_use`."""
    assert [name for name, file in FILES.items() if "cached_property" in file.read_text() and name != "first_use"] == []


def test_there_is_no_import_cycle():
    left = {module: ours(module, types=False) & FILES.keys() for module in MODULES}
    while left:
        free = {module for module, needs in left.items() if not needs & left.keys()}
        assert free, f"a cycle among {sorted(left)}"
        left = {module: needs for module, needs in left.items() if module not in free}


def test_the_environment_is_read_in_few_places():
    offenders = []
    for module in MODULES:
        if within(module, READS_ENVIRONMENT):
            continue
        for node in ast.walk(tree(FILES[module])):
            if (
                isinstance(node, ast.Attribute)
                and node.attr in ("environ", "getenv")
                and ast.unparse(node.value) == "os"
            ):
                offenders.append(f"{module} reads the environment")
            if isinstance(node, ast.Name) and node.id == "get_ipython":
                offenders.append(f"{module} looks for the shell")
    assert not offenders


def test_few_modules_make_safe_html():
    offenders = [
        module
        for module in MODULES
        if not within(module, MAKES_SAFE_HTML)
        for node in ast.walk(tree(FILES[module]))
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("SafeHtml", "_safe")
    ]
    assert not offenders


def test_nothing_runs_text_or_trusts_pickles():
    offenders = []
    for module in MODULES:
        for node in ast.walk(tree(FILES[module])):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                runs = called in ("eval", "exec", "pickle.loads", "os.system", "compile", "__import__")
                if runs and (module, called) not in RUNS_TEXT:
                    offenders.append(f"{module} calls {called}")
            if isinstance(node, ast.keyword) and (node.arg, ast.unparse(node.value)) in (
                ("shell", "True"),
                ("verify", "False"),
            ):
                offenders.append(f"{module} passes {node.arg}={ast.unparse(node.value)}")
    assert not offenders


def documented(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every public class, function and method (those of public classes) with its name."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and not node.name.startswith("_"):
            yield f"{outer}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from documented(node, f"{node.name}.")


def test_everything_public_has_a_docstring():
    offenders = [module for module in MODULES if not ast.get_docstring(tree(FILES[module]))]
    for module in MODULES:
        for name, node in documented(tree(FILES[module])):
            overridden = any(ast.unparse(one).endswith(("override", ".setter")) for one in node.decorator_list)
            if not (ast.get_docstring(node) or overridden):
                offenders.append(f"{module}.{name}")
    assert not offenders


def test_nothing_is_left_to_do():
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")
    offenders = [
        f"{file.name}: {mark}"
        for file in sorted(ROOT.rglob("*.py"))
        for mark in marks
        if mark in file.read_text(encoding="utf-8")
    ]
    assert not offenders


def test_files_and_functions_are_short():
    offenders = [
        f"{module}: {len(lines)} lines"
        for module in MODULES
        if len(lines := file_of(module).read_text(encoding="utf-8").splitlines()) > 300
    ]
    for module in MODULES:
        for node in ast.walk(tree(FILES[module])):
            if (
                isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                and (node.end_lineno or 0) - node.lineno + 1 > 50
            ):
                offenders.append(f"{module}.{node.name}: over 50 lines")
    assert not offenders


def test_no_room_holds_more_than_a_seventh_of_the_code():
    lines: dict[str, int] = {}
    for module in MODULES:
        room = module.split(".")[0]
        lines[room] = lines.get(room, 0) + len(file_of(module).read_text(encoding="utf-8").splitlines())
    assert [room for room, count in lines.items() if count > 0.14 * sum(lines.values())] == []


def test_no_two_modules_have_one_name_unless_they_are_one_thing_in_two_rooms():
    homes: dict[str, list[str]] = {}
    for module in MODULES:
        if not is_package(module):
            homes.setdefault(module.split(".")[-1], []).append(module)
    offenders = {name: found for name, found in homes.items() if len(found) > 1 and name not in IN_TWO_ROOMS}
    assert not offenders


def test_no_two_classes_have_one_name_unless_they_are_one_thing_in_two_rooms():
    """Private classes are read in their own module only."""
    homes: dict[str, list[str]] = {}
    for module in MODULES:
        for node in tree(FILES[module]).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(module)
    assert {name: found for name, found in homes.items() if len(found) > 1 and name != "Conversation"} == {}


def is_package(module: str) -> bool:
    return (ROOT / Path(*module.split(".")) / "__init__.py").exists() or module == "__init__"


def file_of(module: str) -> Path:
    if module == "__init__":
        return ROOT / "__init__.py"
    path = ROOT / Path(*module.split("."))
    return path / "__init__.py" if is_package(module) else path.with_suffix(".py")


def test_every_module_of_some_length_has_tests_under_its_name():
    """``tests/ROOM/test_MODULE.py`` for each module above 100 lines; a room's own ``__init__`` has its name."""
    offenders = [
        f"{module}: {wanted}"
        for module in MODULES
        if len(file_of(module).read_text(encoding="utf-8").splitlines()) > 100
        and not (Path(__file__).parent / (wanted := home_of(module))).exists()
    ]
    assert not offenders


def home_of(module: str) -> str:
    room, _, name = module.partition(".")
    if not name and not is_package(module):
        return f"test_{module}.py"
    return f"{room}/test_{name.rpartition('.')[2] or room}.py"
