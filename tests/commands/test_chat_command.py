"""What each word after ``%deepseek_chat`` does."""

from __future__ import annotations

import pytest

from deepseek_magic.app.ask import Ask, ask
from deepseek_magic.app.command_words import CONVERSATIONS
from deepseek_magic.commands.ask_command import command as ask_by_line
from deepseek_magic.commands.call import Call
from deepseek_magic.commands.chat_command import command
from deepseek_magic.errors import EmptyQuestion, InsufficientBalance, OptionError, QuestionError, SecretFound
from deepseek_magic.notebook.kernel import Kernel
from tests.app.asking import texts
from tests.faults import api_error, error, reply


class NextCell(Kernel):
    """A shell that keeps what is put into the next cell."""

    next_cell = ""

    def set_next_cell(self, source: str) -> None:
        """Keep ``source``."""
        self.next_cell = source


@pytest.fixture
def kernel(shell):
    return NextCell(shell)


@pytest.fixture
def chat(session, kernel):
    def run(line="", cell=None, **config):
        shown = command(Call(session, config, kernel, line, cell)).show[0]
        return shown.data["text/plain"] if not isinstance(shown, str) and len(shown.data) == 1 else shown

    return run


def asked(session, *texts):
    for text in texts:
        ask(session, Ask(text, {"quiet": True}))


def compared(session, kernel):
    ask_by_line(Call(session, {}, kernel, "--quiet --compare a,b which?"))


PLAIN_NAMES = (
    "all add branch clone copy display dump empty history instructions log messages open print "
    "prompt read recover revert rollback select start write"
)


@pytest.mark.parametrize("name", PLAIN_NAMES.split())
def test_a_word_of_other_programs_may_be_the_name_of_a_conversation(chat, name):
    assert chat(name) == f"Conversation {name}: new."
    assert chat("main") == "Conversation main: 0 turns."
    assert chat(name) == f"Conversation {name}: 0 turns."


def test_a_question_is_kept_as_it_was_typed_and_sent_again_with_its_schema(server, session):
    server.repeat(lambda request: reply("[1, 2]"))
    ask(session, Ask("primes?", {"quiet": True, "schema": "list[int]", "as": "json"}))
    asked(session, "and then?")
    assert [turn.question for turn in session.conversations.named().transcript.turns] == ["primes?", "and then?"]
    first, *_, last = texts(server.requests[-1])
    assert first.startswith("primes?")
    assert '"integer"' in first
    assert last == "and then?"


def test_the_list_names_turns_and_the_current_one(session, chat):
    asked(session, "first", "second")
    chat("other")
    plain = chat("list").data["text/plain"]
    assert chat().data["text/plain"] == plain
    main, other = plain.splitlines()[1:]
    assert main.split()[:2] == ["main", "2"]
    assert "second" in main
    assert other.split()[:2] == ["other", "0"]
    assert other.endswith("current")


def test_conversations_are_changed_started_emptied(session, server, chat):
    asked(session, "first")
    assert chat("other") == "Conversation other: new."
    asked(session, "elsewhere")
    assert texts(server.requests[-1]) == ["elsewhere"]
    assert chat("main") == "Conversation main: 1 turn."
    assert chat("reset") == "Conversation main: all turns forgotten."
    asked(session, "again")
    assert texts(server.requests[-1]) == ["again"]
    name = chat("new").split()[1].rstrip(":")
    assert name in session.conversations
    assert chat("new").split()[1].rstrip(":") != name
    assert chat("new shop") == "Conversation shop: new."
    assert chat("shop") == "Conversation shop: 0 turns."
    assert chat('"trip"') == "Conversation trip: new."


def test_a_turn_is_taken_back(session, server, chat):
    asked(session, "first", "second")
    assert chat("undo") == "Conversation main: removed the turn 'second'."
    asked(session, "third")
    assert texts(server.requests[-1]) == ["first", "answer to first", "third"]
    chat("reset")
    with pytest.raises(QuestionError, match="no turn to remove"):
        chat("undo")


def test_replies_are_shown_again(session, chat):
    asked(session, "first", "second")
    assert chat("show").data["text/plain"] == chat("show 1").data["text/plain"] == "answer to second"
    assert chat("show 2").data["text/plain"] == "answer to first"
    with pytest.raises(QuestionError, match="no reply 3 from the end"):
        chat("show 3")
    for number in ("0", "-1", "x", "1 2", "٣", "[0]", "[x]", "[1", "1]"):
        with pytest.raises(OptionError, match="expected a number"):
            chat(f"show {number}")


def test_replies_are_shown_by_the_cell_that_asked(session, shell, chat, kernel):
    """In whichever conversation, and as they are by now; a later question changes nothing of that."""
    cells = []
    for questions in (["first", "twice"], ["second"], []):
        shell.run_cell("1", store_history=True)
        cells.append(kernel.execution)
        for question in questions:
            ask(session, Ask(question, {"quiet": True, "chat": "other"}, kernel=kernel))
    chat("other")
    chat("fork copy")
    ask(session, Ask("beside", {"quiet": True, "no_memory": True}, kernel=kernel))

    def shown(cell):
        found = command(Call(session, {}, kernel, f"show [{cells[cell]}]", None)).show
        return [one.data["text/plain"].partition("\n")[0] for one in found]

    assert shown(0) == ["answer to first", "answer to twice"]
    assert shown(1) == ["answer to second"]
    assert shown(2) == ["answer to beside"]
    chat("other")
    chat("edit 3", "mine")
    assert shown(1) == ["mine", "answer to second"]
    with pytest.raises(QuestionError, match=r"no reply to cell \[900\] is kept: %deepseek_chat show shows the last"):
        chat("show [900]")


def rows(card):
    return [line.split("  ") for line in card.data["text/plain"].splitlines()]


def test_turns_are_listed_with_their_numbers_and_what_is_special_about_them(session, chat):
    asked(session, "first", "second")
    ask(session, Ask("third", {"quiet": True, "new": True}))
    asked(session, "fourth")
    chat("edit 3", "mine")
    caption, head, *listed = chat("turns").data["text/plain"].splitlines()
    assert caption == "Conversation main"
    assert head.split() == ["turn", "question", "answer", "tokens"]
    assert [line.split()[0] for line in listed] == ["1", "2", "3", "4"]
    first, _, third, fourth = listed
    assert "answer to first" in first
    assert first.endswith("not sent")
    assert third.endswith("starts afresh, edited")
    assert fourth.endswith("stale")
    chat("drop 1")
    assert [line.split()[0] for line in chat("turns").data["text/plain"].splitlines()[2:]] == ["2", "3", "4"]


def test_a_fork_goes_on_by_itself(session, server, chat):
    asked(session, "first", "second", "third")
    assert chat("fork idea 2") == "Conversation idea: a copy of main with 2 turns; questions go there now."
    asked(session, "other")
    assert texts(server.requests[-1]) == ["first", "answer to first", "second", "answer to second", "other"]
    chat("drop 1")
    chat("main")
    asked(session, "fourth")
    assert texts(server.requests[-1])[::2] == ["first", "second", "third", "fourth"]
    chat("fork whole")
    assert [turn.number for turn in session.conversations["whole"].transcript.turns] == [1, 2, 3, 4]
    assert chat("show").data["text/plain"] == "answer to fourth"


@pytest.mark.parametrize(
    ("line", "error", "said"),
    [
        ("fork", OptionError, "expected NAME"),
        ("fork a b", OptionError, "expected NAME"),
        ("fork a 0", OptionError, "expected NAME"),
        ("fork new", OptionError, "is a command of"),
        ("fork main", QuestionError, "there is a conversation main already"),
        ("fork a 7", QuestionError, "has no turn 7"),
        ("drop", OptionError, "expected the number of a turn"),
        ("drop x", OptionError, "expected the number of a turn"),
        ("drop 7", QuestionError, "has no turn 7: it has 1"),
        ("edit", OptionError, "expected the number of a turn"),
        ("edit 7", QuestionError, "has no turn 7"),
        ("edit 1 --chat none", QuestionError, "no conversation none"),
        ("undo 3", OptionError, "undo takes no arguments, found '3': leave it out"),
        ("turns 3", OptionError, "turns takes no arguments, found '3': leave it out"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(session, server, chat, line, error, said):
    asked(session, "first")
    with pytest.raises(error, match=said):
        chat(line)
    asked(session, "second")
    assert texts(server.requests[-1]) == ["first", "answer to first", "second"]
    assert list(session.conversations) == ["main"]


def test_a_dropped_turn_is_not_sent_and_later_ones_are_stale(session, server, chat):
    asked(session, "first", "second", "third")
    assert chat("drop 2") == "Conversation main: dropped turn 2, 'second'. 1 later turn was answered with it."
    assert [turn.stale for turn in session.conversations.named().transcript.turns] == [False, True]
    asked(session, "fourth")
    assert texts(server.requests[-1]) == ["first", "answer to first", "third", "answer to third", "fourth"]
    assert chat("show 2").data["text/plain"] == "answer to third"
    assert chat("show 3").data["text/plain"] == "answer to first"


def test_what_a_dropped_turn_hid_stays_hidden(session, server, chat):
    asked(session, "first")
    ask(session, Ask("second", {"quiet": True, "new": True}))
    asked(session, "third")
    chat("drop 2")
    asked(session, "fourth")
    assert texts(server.requests[-1]) == ["third", "answer to third", "fourth"]


def test_an_answer_is_put_into_the_next_cell_and_what_the_cell_holds_is_the_answer(session, server, chat, kernel):
    asked(session, "first", "second")
    assert "is in the next cell" in chat("edit 1")
    line, _, text = kernel.next_cell.partition("\n")
    assert (line, text) == ("%%deepseek_chat edit 1 --chat main", "answer to first")
    chat("other")
    shown = chat(line.removeprefix("%%deepseek_chat "), "**mine**\n")
    assert shown.data["text/plain"].startswith("**mine**\n\nEdited: ")
    assert "<strong>mine</strong>" in shown.data["text/html"]
    assert "Edited: this is the answer of turn 1" in shown.data["text/html"]
    assert "1 later turn was answered before this change" in shown.data["text/html"]
    block = shown.metadata["deepseek_magic"]
    assert (block["conversation"], block["turn"], block["origin"], block["request"]) == ("main", 1, "edited", "")
    chat("main")
    asked(session, "third")
    assert texts(server.requests[-1])[:4] == ["first", "**mine**", "second", "answer to second"]
    assert chat("show 3").data["text/plain"].startswith("**mine**\n")


def test_an_edited_answer_is_guarded_and_is_never_empty(session, server, chat):
    asked(session, "first")
    secret = "sk-" + "0123456789abcdef" * 2
    chat("edit 1", f"the key is {secret}")
    asked(session, "second")
    assert secret not in str(server.requests[-1].json)
    with pytest.raises(SecretFound):
        chat("edit 1", f"the key is {secret}", guard="refuse")
    with pytest.raises(EmptyQuestion, match="or drop the turn"):
        chat("edit 1", " \n")
    with pytest.raises(OptionError, match="only edit N and system take a cell"):
        chat("drop 1", "text")


def test_a_conversation_has_a_system_text_of_its_own(session, server, chat):
    config = {"system": "configured"}

    def system(**options):
        ask(session, Ask("q", {"quiet": True, **options}, config))
        messages = server.requests[-1].json["messages"]
        return messages[0]["content"] if messages[0]["role"] == "system" else ""

    assert system() == "configured"
    assert chat("system Speak as a pirate.") == "Conversation main: the system text is set."
    assert system() == "Speak as a pirate."
    assert system(system="of the question") == "of the question"
    assert system(no_memory=True) == "configured"
    assert "Speak as a pirate." in chat("system")
    assert "System text: Speak as a pirate." in chat("turns").data["text/plain"]
    chat("fork other")
    assert system() == "Speak as a pirate."
    chat("system", "Two\nlines.\n")
    assert system() == "Two\nlines."
    chat("main")
    chat("reset")
    assert system() == "Speak as a pirate."
    chat("system none")
    assert system() == "configured"
    assert chat("system") == "Conversation main has no system text of its own."


@pytest.mark.parametrize("name", ["talk.jsonl", "'my talk.md'", '"my talk.ipynb"', "my talk.md"])
def test_a_conversation_is_exported_and_read_again(session, server, chat, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    asked(session, "first", "second")
    chat("system Be brief.")
    path = name.strip("'\"")
    assert chat(f"export {name}") == (
        f"Conversation main: 2 turns written to {path}. The context that was sent is not in it."
    )
    with pytest.raises(QuestionError, match="or --force to replace it"):
        chat(f"export {name}")
    assert "2 turns written" in chat(f"export --force {name}")
    made = path.partition(".")[0].replace(" ", "-")
    assert chat(f"import {name}") == (
        f"Conversation {made}: 2 turns from {path}, as text. Its system text: 'Be brief.'. Questions go there now."
    )
    asked(session, "third")
    expected = ["Be brief.", "first", "answer to first", "second", "answer to second", "third"]
    assert texts(server.requests[-1]) == expected
    assert "imported" in chat("turns").data["text/plain"]
    assert chat(f"import {name}").startswith(f"Conversation {made}-")


@pytest.mark.parametrize("line", ["export", "export --force", "import", "import ''"])
def test_a_file_has_a_name(chat, line):
    with pytest.raises(OptionError, match="expected the name of a file"):
        chat(line)


def test_a_file_that_is_refused_changes_nothing(session, chat, tmp_path):
    place = tmp_path / "a.jsonl"
    place.write_text('{"deepseek_magic": "conversation", "form": 1, "name": "a"}\n{"turn": 1}\n')
    with pytest.raises(QuestionError, match="is not imported"):
        chat(f"import {place}")
    assert list(session.conversations) == ["main"]


def test_every_word_that_help_lists_does_something(session, kernel, chat, tmp_path):
    behind = {"fork": "fork copy", "drop": "drop 1", "edit": "edit 1", "system": "system short answers"}
    behind |= {"export": f"export {tmp_path / 'a.md'}", "import": f"import {tmp_path / 'a.md'}"}
    for word in [one for one in CONVERSATIONS if one != "restore"]:  # it has tests of its own, with a file
        chat("main")
        chat("reset")
        asked(session, word)
        if word == "pick":
            compared(session, kernel)
        assert chat(behind.get(word, word))


def test_a_question_without_an_answer_is_shown_as_such(session, server, chat):
    server.enqueue(error(402, api_error("Insufficient Balance")))
    with pytest.raises(InsufficientBalance):
        ask(session, Ask("first", {"quiet": True}))
    assert chat("show") == "That question got no answer."
