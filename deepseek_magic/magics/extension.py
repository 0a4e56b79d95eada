"""The magics themselves, and how the extension is loaded and unloaded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from IPython.core.magic import (
    cell_magic,
    line_cell_magic,
    line_magic,
    magics_class,
    needs_local_scope,
    no_var_expand,
)

from deepseek_magic.app import options
from deepseek_magic.errors import Interrupted
from deepseek_magic.notebook import snapshot
from deepseek_magic.text import unlinked

from .configuration import Configured
from .conversations import COMMANDS
from .transform import MagicCalls

_COMMANDS = {
    "%deepseek_login": "give a key by hidden prompt (--save keeps it in the system keyring, --forget forgets it)",
    "%deepseek_demo": "use the embedded endpoint, which needs no key (off ends it)",
    "%deepseek_models": "what the endpoint offers",
    "%deepseek_balance": "money left",
    "%deepseek_usage": "tokens and cost of this session",
    "%deepseek_chat": "conversations: " + ", ".join(COMMANDS),
    "%deepseek_fix": "explain the last error, and offer the repaired cell as the next one",
    "%deepseek_continue": "go on with a reply that was cut or stopped, in its place",
    "%%deepseek_fim": "fill the <fill> in the code below it; the whole cell becomes the next one",
    "%deepseek_map": "one prompt over the values of a column or list: %deepseek_map df.a -o df.b prompt {value}",
    "%deepseek_sent": "the exact last request, and what was masked in it",
    "%deepseek_code": "the code of the last reply into the next cell (a number: only that block)",
    "%deepseek?": "the options of a question",
}

_HELP = """Ask the model, and watch its reply come in.

    %deepseek [options] question           one line
    %%deepseek [options] [text]            the whole cell, below the first line
    reply = %deepseek [options] question   the same, kept: reply.text, .code, .reasoning, .usage, .cost
    %deepseek                              the status card

Options come first; the first word that is none begins the question, which is sent byte for byte:

{options}

Defaults are settings: %config DeepSeek lists them, %config DeepSeek.model = 'NAME' sets one.
"""


_MAP_HELP = """Ask one prompt of each value of a column or list; results come back in order.

    %deepseek_map df.review -o df.topic Name the topic in two words: {{value}}
    %%deepseek_map texts -o summaries --jobs 50 --max-cost 0.50     with the prompt below it

Equal values are asked once; a value that is missing (None, NaN) is not asked, and has None for a result. A value that
fails has None, too, and its reason in .errors of what the magic returns. A run that was stopped goes on where it stood
when it is run again.

{options}
"""


def _stoppable(run: Callable[..., Any]) -> Callable[..., Any]:
    """Let a stop outside of a reply show as one line as well."""

    @wraps(run)
    def stopped_in_one_line(*args: Any, **options: Any) -> Any:
        try:
            return run(*args, **options)
        except Interrupted:
            raise
        except KeyboardInterrupt:
            msg = "stopped; nothing was asked"
            raise Interrupted(msg) from None

    return stopped_in_one_line


def _documented(magic: Any, text: Callable[[], str]) -> None:
    """Let IPython's help on ``magic`` show ``text``, made when it is asked for: it takes what loading needs none of."""
    magic.getdoc = text  # IPython asks for it before it reads `__doc__`


@magics_class
class DeepSeek(Configured):
    """Settings of the magics; an option of a question overrides each of them."""

    @line_cell_magic
    @needs_local_scope
    @no_var_expand
    @_stoppable
    def deepseek(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        """Ask the model; the text of help stands below the class, made from the table of options."""
        parsed = options.parse(line)
        if cell is None and not line.strip():
            from . import account, cards

            cards.show(account.status(self.session, self.settings(), _COMMANDS))
            return None
        from . import asking

        return asking.ask(self, _question(parsed.text, cell), parsed.values, local_ns)

    _documented(deepseek, lambda: _HELP.format(options=options.help_text()))

    @line_magic
    @needs_local_scope
    @no_var_expand
    @_stoppable
    def deepseek_fix(self, line: str, local_ns: Mapping[str, Any] | None = None) -> Any:
        """Explain the last error and offer the repaired cell as the next one: [options] [your own words]."""
        from . import fix

        return fix.fix(self, line, local_ns)

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_continue(self, line: str) -> Any:
        """Go on with the last reply where it was cut or stopped, in its place: [--max-tokens N] and the like."""
        from . import continue_

        return continue_.go_on(self, line)

    @cell_magic
    @no_var_expand
    @_stoppable
    def deepseek_fim(self, line: str, cell: str) -> Any:
        """Fill in the middle: the cell holds code with one <fill> mark, and comes back whole as the next cell."""
        from . import fim

        return fim.fill(self, line, cell)

    @line_cell_magic
    @needs_local_scope
    @no_var_expand
    @_stoppable
    def deepseek_map(self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None) -> Any:
        """Ask one prompt of many values; the text of help stands below the class."""
        from . import mapping

        return mapping.magic(self, line, cell, local_ns)

    _documented(deepseek_map, lambda: _MAP_HELP.format(options=options.help_text(options.MAP_OPTIONS)))

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_login(self, line: str) -> None:
        """Give the key by hidden prompt: kept in memory, or with --save in the system keyring; --forget forgets it."""
        from . import account

        _say(account.log_in(self.session, self.settings(), line))

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_demo(self, line: str) -> None:
        """Send questions to the embedded endpoint, which needs no key; --if-no-key: only then; off: end it."""
        from . import account

        _say(account.demo(self.session, self.settings(), line))

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_models(self, line: str) -> None:
        """List what the endpoint offers."""
        from . import account, cards

        _takes_nothing("%deepseek_models", line)
        cards.show(account.models(self.session, self.settings()))

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_balance(self, line: str) -> None:
        """Tell how much money is left."""
        from . import account, cards

        _takes_nothing("%deepseek_balance", line)
        cards.show(account.balance(self.session, self.settings()))

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_usage(self, line: str) -> None:
        """Tell the tokens and the cost of this session, by model."""
        from . import account, cards

        _takes_nothing("%deepseek_usage", line)
        cards.show(account.usage(self.session))

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_chat(self, line: str) -> None:
        """Conversations; the text of help is made from the table of commands."""
        from . import conversations

        said = conversations.run(self.session, line)
        if said is not None:
            _say(said)

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_code(self, line: str) -> None:
        """Put the code blocks of the last reply into the next cell, or only block N; nothing is run."""
        from . import code_cells

        _say(code_cells.insert(self.session, self.shell, line))

    @line_magic
    @no_var_expand
    @_stoppable
    def deepseek_sent(self, line: str) -> None:
        """Show the exact last request of the current conversation: messages, sizes, what was masked."""
        from . import cards, sent

        _takes_nothing("%deepseek_sent", line)
        cards.show(sent.last(self.session))

    deepseek_chat.__doc__ = "Conversations.\n\n" + "\n".join(
        f"    %deepseek_chat {name:<6} {does}" for name, does in COMMANDS.items()
    )


def _question(text: str, cell: str | None) -> str:
    """Join the first line's text and the body; the line end that IPython adds to a cell is not part of it."""
    body = "" if cell is None else cell.removesuffix("\n")
    return f"{text}\n\n{body}" if text and body else text or body


def _takes_nothing(name: str, line: str) -> None:
    if line.strip():
        from deepseek_magic.errors import OptionError

        msg = f"{name} takes nothing after its name"
        raise OptionError(msg)


def _say(text: str) -> None:
    """Tell the user one line: a result of a command, no error."""
    print(unlinked(text))


def _complete(_shell: Any, event: Any) -> list[str]:
    """Complete the options of a question; a word that is not an option is left to nobody."""
    symbol = event.symbol
    return options.completions(symbol) if symbol.startswith("-") else []


_CELL_NAMES = ("deepseek", "deepseek_map", *(name.removeprefix("%%") for name in _COMMANDS if name.startswith("%%")))
_LINE_NAMES = (
    "deepseek",
    *(name.removeprefix("%") for name in _COMMANDS if not name.startswith("%%") and not name.endswith("?")),
)
_COMPLETED = ("%deepseek", "%%deepseek")


def load(shell: Any) -> None:
    """Register the magics with ``shell``. Prints nothing, asks no network, patches nothing."""
    if loaded(shell) is not None:
        return
    magics = DeepSeek(shell)
    shell.register_magics(magics)
    snapshot.start(shell)
    transformer = MagicCalls(_LINE_NAMES, _CELL_NAMES, ";" if magics.kernel.in_terminal else "")
    shell.input_transformer_manager.cleanup_transforms.insert(0, transformer)
    for key in _COMPLETED:
        shell.set_hook("complete_command", _complete, str_key=key)


def unload(shell: Any) -> None:
    """Undo `load`: the magics, the transformer, the completion and the settings are gone."""
    magics = loaded(shell)
    if magics is None:
        return
    if "session" in vars(magics):
        magics.session.close()
    snapshot.stop(shell)
    for kind in ("line", "cell"):
        for name in (*_LINE_NAMES, *_CELL_NAMES):
            shell.magics_manager.magics[kind].pop(name, None)
    shell.magics_manager.registry.pop("DeepSeek", None)
    if magics in shell.configurables:
        shell.configurables.remove(magics)
    transforms = shell.input_transformer_manager.cleanup_transforms
    transforms[:] = [transform for transform in transforms if not isinstance(transform, MagicCalls)]
    hooks = shell.strdispatchers.get("complete_command")
    for key in _COMPLETED:
        getattr(hooks, "strs", {}).pop(key, None)


def loaded(shell: Any) -> DeepSeek | None:
    """Return the magics that are registered with ``shell``, or ``None``."""
    found = shell.magics_manager.registry.get("DeepSeek")
    return found if isinstance(found, DeepSeek) else None
