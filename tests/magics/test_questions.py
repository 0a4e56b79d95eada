"""From the cell to the request and back: text, options, conversations, settings, accounts."""

from __future__ import annotations

import json

import pytest

from deepseek_magic.api.catalogue import modernised
from deepseek_magic.app.options import OPTIONS
from deepseek_magic.settings.parameters import Settings
from tests.faults import NORMAL_TEXT, TEXT, THOUGHT, FaultServer, api_error, error, named, reply
from tests.kernel import KEY, Cell

#: Each test goes on in the session of the one before.
FRESH_SESSION = False


def sent(server: FaultServer) -> str:
    """The question of the last request."""
    return server.requests[-1].json["messages"][-1]["content"]


def history(server: FaultServer) -> list[str]:
    """The texts of the last request, without the system message."""
    return [message["content"] for message in server.requests[-1].json["messages"] if message["role"] != "system"]


def assert_nothing_asked(cell: Cell, server: FaultServer, kind: str, *words: str) -> None:
    assert cell.failed
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert cell.error.startswith(f"{kind}: ")
    for word in words:
        assert word in cell.error
    assert not server.requests


TEXTS = [
    "It's what's 'it' worth?",
    'She said "no", and left',
    "the set {1, 2} and '{unknown}' and {{x}} and {",
    r"a \ b \n c \\ d \x41",
    "echo $x and ${x} and $HOME",
    "two  spaces   and\ttab",
    "Grüße, 世界 🚀 é",
    "%timeit is a magic, !ls is a command, ?help",
    "# a hash; and a semicolon;",
    "is it -5 or --five",
    "f'{x!r:>10}' % (1,)",
    "why?",
    "why??",
    "What is len?",
    "really?!",
    "a = b = c?",
    "((unbalanced [",
    "ends in a backslash \\",
    "'''triple",
    ">>> print(1)",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_is_sent_as_it_is(kernel, server, text):
    kernel.quietly("x = 'the value of x'")
    cell = kernel.run(f"%deepseek {text}")
    assert not cell.failed
    assert cell.text == NORMAL_TEXT
    assert sent(server) == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_line_of_an_assignment_is_sent_as_it_is(kernel, server, text):
    cell = kernel.run(f"x = %deepseek {text}\nprint(x.text)")
    assert sent(server) == text
    assert [output.output_type for output in cell.outputs] == ["display_data", "stream"]
    assert cell.printed == f"{NORMAL_TEXT}\n"


@pytest.mark.parametrize("text", TEXTS)
def test_the_first_line_of_a_cell_is_sent_as_it_is(kernel, server, text):
    assert not kernel.run(f"%%deepseek {text}").failed
    assert sent(server) == text


@pytest.mark.parametrize("text", TEXTS)
def test_an_indented_line_is_sent_as_it_is(kernel, server, text):
    cell = kernel.run(f"if True:\n    for n in range(1):\n        %deepseek {text}\n        print(n)")
    assert not cell.failed
    assert sent(server) == text
    assert cell.printed == "0\n"


BODIES = [
    "one line",
    'it\'s\n  indented "and" quoted\n\n\nfar below',
    ">>> print(1)\n1\n... more\nIn [1]: x",
    "a {unknown} $x \\n %%writefile a.txt\n%deepseek why?\n!ls\nwhat?",
    "trailing spaces   \n\ttab first",
    "'''\nunclosed",
    "世界 🚀\u2028line\x0b\x0cfeed\u0085next",
    "what?",
    "\n\nbegins with blank lines",
    "-m this-is-no-option",
]


@pytest.mark.parametrize("body", BODIES)
def test_the_body_of_a_cell_is_sent_as_it_is(kernel, server, body):
    assert not kernel.run(f"%%deepseek\n{body}").failed
    assert sent(server) == body


@pytest.mark.parametrize("body", BODIES)
def test_first_line_and_body_are_joined_by_a_blank_line(kernel, server, body):
    assert not kernel.run(f"%%deepseek -t 0.5 Explain this?\n{body}").failed
    assert sent(server) == f"Explain this?\n\n{body}"


def test_options_alone_on_the_first_line(kernel, server):
    kernel.run("%%deepseek --think off\nthe body")
    assert sent(server) == "the body"


def test_a_cell_may_begin_with_blank_lines(kernel, server):
    kernel.run("\n\n%%deepseek why?\n\n")
    assert sent(server) == "why?"


@pytest.mark.parametrize("target", ["box.reply", "box.all['a?']", "box.all[len('xy')]", "box.all['it\\'s']"])
def test_an_attribute_or_an_item_may_be_assigned(kernel, server, target):
    kernel.quietly("class Box: pass\nbox = Box(); box.all = {}")
    assert not kernel.run(f"{target} = %deepseek why?").failed
    assert sent(server) == "why?"
    assert kernel.value(f"{target}.text") == NORMAL_TEXT


def test_a_line_in_a_function(kernel, server):
    kernel.run("def ask(n):\n    if n:\n        r = %deepseek why not?\n        return r.text")
    assert not server.requests
    assert kernel.value("ask(1)") == NORMAL_TEXT
    assert sent(server) == "why not?"


def test_a_magic_after_brackets_strings_and_comments(kernel, server):
    code = "a = [1,\n  2]  # isn't it?\nb = '''\n%deepseek not this?\n'''\nc = {'k': \"it's\"}\n%deepseek but this?"
    assert not kernel.run(code).failed
    assert [request.json["messages"][-1]["content"] for request in server.requests] == ["but this?"]
    assert kernel.value("b") == "\n%deepseek not this?\n"


def test_strings_are_left_alone(kernel, server):
    kernel.run("s = '''\n%deepseek why?\n%%deepseek\n'''\nt = \"%deepseek why?\"")
    assert not server.requests
    assert kernel.value("[s, t]") == ["\n%deepseek why?\n%%deepseek\n", "%deepseek why?"]


def test_a_file_is_written_as_it_is(kernel, server):
    body = "%deepseek why?\nx = %deepseek what?\n%%deepseek\n"
    kernel.run(f"%%writefile cell.txt\n{body}")
    assert not server.requests
    assert (kernel.home / "cell.txt").read_text() == body


def test_inside_a_timed_cell(kernel, server):
    cell = kernel.run("%%time\n%deepseek why?")
    assert not cell.failed
    assert sent(server) == "why?"
    assert len(cell.displays) == 1


def test_help_is_still_help(kernel, server):
    for line in ("%deepseek?", "%%deepseek?", "?%deepseek", "%deepseek_chat?"):
        cell = kernel.run(line)
        assert not cell.failed
        assert cell.reply["payload"], line
    assert not server.requests


def test_other_help_and_magics_still_work(kernel, server):
    assert kernel.run("len?").reply["payload"]
    assert "Hello" in kernel.run("x = !echo Hello?\nprint(x)").printed
    assert not server.requests


def test_carriage_returns_of_a_front_end(kernel, server):
    assert not kernel.run("x = 1\r\n%deepseek why?\r\n").failed
    assert sent(server) == "why?"
    for first, question in (("", "what\r\nis it?"), (" so:", "so:\n\nwhat\r\nis it?")):
        assert not kernel.run(f"%%deepseek{first}\r\nwhat\r\nis it?\r\n").failed
        assert server.requests[-1].json["messages"][-1]["content"] == question


def test_only_what_was_asked_for_is_sent(kernel, server):
    kernel.run("%deepseek hello")
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/chat/completions")
    assert request.json == {
        "model": "deepseek-flash",
        "messages": [{"role": "user", "content": "hello"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "thinking": {"type": "enabled"},
    }


OPTIONED = {
    "-m some-model": {"model": "some-model", "thinking": None},
    "--model=deepseek-v4-pro": {"model": "deepseek-v4-pro"},
    "-t 0": {"temperature": 0},
    "-t=1.5": {"temperature": 1.5},
    "--temperature 2": {"temperature": 2},
    "--top-p 0.9": {"top_p": 0.9},
    "--max-tokens 77": {"max_tokens": 77},
    "--stop END": {"stop": ["END"]},
    "--stop 'two words' --stop=\"it's\"": {"stop": ["two words", "it's"]},
    "--stop '\\n'": {"stop": ["\n"]},
    "--stop '\\\\n'": {"stop": ["\\n"]},
    "--think off": {"thinking": {"type": "disabled"}},
    "--think low": {"thinking": {"type": "enabled"}, "reasoning_effort": "low"},
    "--think high": {"thinking": {"type": "enabled"}, "reasoning_effort": "high"},
    "--think max": {"thinking": {"type": "enabled"}, "reasoning_effort": "max"},
    "-t 1 -t 0.5": {"temperature": 0.5},
    "--quiet": {},
    "--new": {},
    "--no-memory": {},
    "--chat other": {},
    "-o name": {},
    "--timeout 5": {},
    "--": {},
}


@pytest.mark.parametrize("options", OPTIONED)
def test_an_option_is_in_the_request_and_nothing_else(kernel, server, options):
    plain = {
        "model": "deepseek-flash",
        "messages": [{"role": "user", "content": "-t is it?"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "thinking": {"type": "enabled"},
    }
    dashes = "" if options == "--" else " --"
    assert not kernel.run(f"%deepseek {options}{dashes} -t is it?").failed
    expected = {name: value for name, value in {**plain, **OPTIONED[options]}.items() if value is not None}
    assert server.requests[0].json == expected


@pytest.mark.parametrize(
    ("typed", "system"),
    [("-s brief", "brief"), ("-s 'Be brief.'", "Be brief."), ('--system="it\'s {x}"', "it's {x}")],
)
def test_the_system_message_goes_first(kernel, server, typed, system):
    kernel.run("%deepseek one")
    kernel.run(f"%deepseek {typed} two")
    assert server.requests[-1].json["messages"] == [
        {"role": "system", "content": system},
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": NORMAL_TEXT},
        {"role": "user", "content": "two"},
    ]


def test_a_self_hosted_server_is_not_sent_what_is_deepseeks_own(kernel, server):
    kernel.run(f"%deepseek --base-url {server.url}/v1 -m local-model --think off hello")
    assert server.requests[-1].path == "/v1/chat/completions"
    assert "thinking" not in server.requests[-1].json
    assert server.requests[-1].json["reasoning_effort"] == "none"


@pytest.mark.parametrize("url", ["{}/", "{}/chat/completions", "{}/chat/completions/", " {}// "])
def test_a_base_url_may_be_written_in_several_ways(kernel, server, url):
    kernel.fresh(url.format(server.url))
    assert kernel.run("%deepseek hello").text == NORMAL_TEXT
    assert server.requests[0].path == "/chat/completions"


def test_output_binds_the_reply(kernel, server):
    server.enqueue(reply(TEXT, THOUGHT))
    kernel.run("%deepseek -o answer hello")
    assert kernel.value("[answer.text, answer.reasoning, answer.model, answer.finish_reason, answer.usage.prompt]") == [
        TEXT,
        THOUGHT,
        "deepseek-flash",
        "stop",
        10,
    ]
    assert kernel.value("[answer.request_id, str(answer), answer.elapsed > 0, answer.cost]") == [
        "trace-of-the-fault-server",
        TEXT,
        True,
        None,
    ]


def test_output_binds_what_had_arrived_where_the_cell_fails(kernel, server):
    server.enqueue(*named("close-in-mid-text"))
    assert kernel.run("%deepseek -o answer hello").failed
    assert kernel.value("answer.text") == "The reply begins"


def test_the_exception_holds_what_had_arrived(kernel, server):
    server.enqueue(*named("close-in-mid-text"))
    cell = kernel.run("try:\n    %deepseek hello\nexcept Exception as e:\n    print(type(e).__name__, e.reply.text)")
    assert cell.printed == "StreamBroken The reply begins\n"


def test_the_last_reply_is_the_result_of_its_cell_and_shown_once(kernel, server):
    cell = kernel.run("%deepseek hello")
    assert [output.output_type for output in cell.outputs] == ["display_data"]
    count = cell.reply["execution_count"]
    assert kernel.value(f"[_.text, Out[{count}].text]") == [NORMAL_TEXT, NORMAL_TEXT]


def test_a_reply_is_shown_again_where_it_is_asked_for(kernel, server):
    server.enqueue(reply(TEXT))
    kernel.run("x = %deepseek hello")
    cell = kernel.run("x")
    (output,) = cell.outputs
    assert output.output_type == "execute_result"
    assert output.data["text/plain"] == TEXT
    assert "<strong>Bold</strong>" in output.data["text/html"]
    (output,) = kernel.run("display(x)").outputs
    assert output.data["text/plain"] == TEXT


def test_a_reply_named_again_in_its_own_cell_is_still_shown_once(kernel, server):
    cell = kernel.run("x = %deepseek hello\nx")
    assert [output.output_type for output in cell.outputs] == ["display_data"]


def test_several_questions_one_after_the_other(kernel, server):
    cell = kernel.run("%deepseek one\n%deepseek two")
    assert len(cell.displays) == 2
    assert history(server) == ["one", NORMAL_TEXT, "two"]


def test_quiet_shows_nothing_and_keeps_the_reply(kernel, server):
    cell = kernel.run("%deepseek --quiet -o answer hello")
    assert cell.outputs == []
    assert kernel.value("[_.text, answer.text]") == [NORMAL_TEXT, NORMAL_TEXT]


def test_a_quiet_reply_is_shown_where_it_is_asked_for(kernel, server):
    """It was never shown: not by its own statement, but by `display` and by name, in the same cell and in the next."""
    kernel.run("from IPython.display import display")
    for cell in (
        kernel.run("r = %deepseek --quiet hello\ndisplay(r)"),
        kernel.run("r = %deepseek --quiet hello\nr"),
        kernel.run("r"),
        kernel.run("r = %deepseek --quiet hello\ndisplay(r)\n%deepseek --quiet again"),
    ):
        assert [output.data["text/plain"] for output in cell.outputs] == [NORMAL_TEXT]
    for code in ("%%deepseek --quiet\nhello", "%time %deepseek --quiet hello", "r = 1\n%deepseek --quiet hello"):
        assert [output.output_type for output in kernel.run(code).outputs if output.output_type != "stream"] == []
        assert kernel.value("_.text") == NORMAL_TEXT


def test_quiet_still_fails_in_one_line(kernel, server):
    server.enqueue(*named("no-money"))
    cell = kernel.run("%deepseek --quiet hello")
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert "Insufficient Balance" in cell.error


def test_a_follow_up_remembers(kernel, server):
    kernel.run("%deepseek one")
    kernel.run("%%deepseek\ntwo")
    kernel.run("x = %deepseek three")
    assert server.requests[-1].json["messages"] == [
        {"role": "user", "content": "one"},
        {"role": "assistant", "content": NORMAL_TEXT},
        {"role": "user", "content": "two"},
        {"role": "assistant", "content": NORMAL_TEXT},
        {"role": "user", "content": "three"},
    ]


def test_reasoning_is_not_sent_back(kernel, server):
    server.enqueue(reply(TEXT, THOUGHT))
    kernel.run("%deepseek one")
    kernel.run("%deepseek two")
    assert history(server) == ["one", TEXT, "two"]
    assert "reasoning" not in json.dumps(server.requests[-1].json["messages"])


def test_no_memory_sends_nothing_earlier_and_leaves_nothing(kernel, server):
    kernel.run("%deepseek one")
    kernel.run("%deepseek --no-memory aside")
    assert history(server) == ["aside"]
    kernel.run("%deepseek two")
    assert history(server) == ["one", NORMAL_TEXT, "two"]


def test_chat_asks_in_another_conversation_for_this_question_only(kernel, server):
    kernel.run("%deepseek one")
    assert kernel.run("%deepseek --chat other aside").facts["conversation"] == "other"
    assert history(server) == ["aside"]
    assert kernel.run("%deepseek two").facts["conversation"] == "main"
    assert history(server) == ["one", NORMAL_TEXT, "two"]
    kernel.run("%deepseek --chat other again")
    assert history(server) == ["aside", NORMAL_TEXT, "again"]


def test_new_starts_afresh(kernel, server):
    kernel.run("%deepseek one")
    kernel.run("%deepseek --new two")
    assert history(server) == ["two"]
    kernel.run("%deepseek three")
    assert history(server) == ["two", NORMAL_TEXT, "three"]


def test_running_a_cell_again_replaces_its_turn(kernel, server):
    kernel.run("%deepseek one", "a")
    kernel.run("%deepseek two", "b")
    kernel.run("%deepseek three", "c")
    again = kernel.run("%deepseek one, said better", "a")
    assert history(server) == ["one, said better"]
    assert again.notices == ["In this conversation 2 later turns were answered before this change."]
    kernel.run("%deepseek four", "d")
    assert history(server) == [
        *("one, said better", NORMAL_TEXT, "two", NORMAL_TEXT, "three", NORMAL_TEXT),
        "four",
    ]
    listing = kernel.run("%deepseek_chat list").text
    assert "4 (2 stale)" in listing


def test_a_turn_that_is_asked_again_is_no_longer_stale(kernel, server):
    kernel.run("%deepseek one", "a")
    kernel.run("%deepseek two", "b")
    kernel.run("%deepseek one", "a")
    again = kernel.run("%deepseek two", "b")
    assert again.notices == []
    assert history(server) == ["one", NORMAL_TEXT, "two"]
    assert "stale" not in kernel.run("%deepseek_chat list").text


def test_running_a_cell_again_that_then_fails_keeps_its_turn(kernel, server):
    kernel.run("%deepseek one", "a")
    server.enqueue(*named("no-money"))
    assert kernel.run("%deepseek one", "a").failed
    kernel.run("%deepseek two", "b")
    assert history(server) == ["one", NORMAL_TEXT, "two"]


def test_running_a_failed_cell_again_puts_its_turn_in_its_place(kernel, server):
    server.enqueue(*named("no-money"))
    kernel.run("%deepseek one", "a")
    kernel.run("%deepseek two", "b")
    assert history(server) == ["two"]
    kernel.run("%deepseek one", "a")
    kernel.run("%deepseek three", "c")
    assert history(server) == ["one", NORMAL_TEXT, "two", NORMAL_TEXT, "three"]


def test_without_a_name_of_the_cell_equal_words_are_two_questions(kernel, server):
    kernel.run("%deepseek one")
    kernel.run("%deepseek two")
    kernel.run("%deepseek one")
    assert history(server) == ["one", NORMAL_TEXT, "two", NORMAL_TEXT, "one"]
    kernel.run("%deepseek three")
    assert history(server) == ["one", NORMAL_TEXT, "two", NORMAL_TEXT, "one", NORMAL_TEXT, "three"]


def test_each_question_of_a_cell_has_a_turn_of_its_own(kernel, server):
    for _ in range(2):
        kernel.run("%deepseek one\n%deepseek two", "a")
    assert history(server) == ["one", NORMAL_TEXT, "two"]


def test_the_limit_of_history_drops_the_oldest_and_says_so(kernel, server):
    kernel.run("%config DeepSeek.history_tokens = 70")
    for name in ("one", "two", "three"):
        assert kernel.run(f"%deepseek {name} {'word ' * 16}").notices == []
    cell = kernel.run("%deepseek four")
    assert not history(server)[0].startswith("one")
    assert history(server)[-1] == "four"
    assert len(history(server)) % 2 == 1
    (notice,) = cell.notices
    assert "left out" in notice
    assert "DeepSeek.history_tokens is 70" in notice


def test_no_history_at_all(kernel, server):
    kernel.run("%config DeepSeek.history_tokens = 0")
    kernel.run("%deepseek one")
    kernel.run("%deepseek two")
    assert history(server) == ["two"]


def test_conversations_are_listed_chosen_and_named(kernel, server):
    kernel.run("%deepseek a first question")
    assert "new" in kernel.run("%deepseek_chat other").printed
    kernel.run("%deepseek elsewhere")
    assert history(server) == ["elsewhere"]
    listing = kernel.run("%deepseek_chat").text
    assert "a first question" in listing
    assert "elsewhere" in listing
    assert kernel.run("%deepseek_chat list").text == listing
    (current,) = [line for line in listing.splitlines() if "current" in line]
    assert current.startswith("other")
    assert "1 turn." in kernel.run("%deepseek_chat main").printed
    kernel.run("%deepseek back")
    assert history(server) == ["a first question", NORMAL_TEXT, "back"]
    assert "chat-3" in kernel.run("%deepseek_chat new").printed
    kernel.run("%deepseek fresh")
    assert history(server) == ["fresh"]


def test_undo_and_reset(kernel, server):
    for name in ("one", "two", "three"):
        kernel.run(f"%deepseek {name}")
    assert "three" in kernel.run("%deepseek_chat undo").text
    kernel.run("%deepseek four")
    assert history(server) == ["one", NORMAL_TEXT, "two", NORMAL_TEXT, "four"]
    kernel.run("%deepseek_chat reset")
    kernel.run("%deepseek five")
    assert history(server) == ["five"]


def test_a_conversation_is_shaped_and_its_answer_edited_in_a_cell(kernel, server):
    for name in ("one", "two", "three"):
        kernel.run(f"%deepseek {name}")
    kernel.run("%deepseek_chat drop 2")
    edit = kernel.run("%deepseek_chat edit 1")
    assert "is in the next cell" in edit.printed
    edited = kernel.run("%%deepseek_chat edit 1 --chat main\nWhat *I* say?\n")
    assert len(edited.displays) == 1
    assert "<em>I</em> say?" in edited.displays[0]["data"]["text/html"]
    assert "Edited" in edited.displays[0]["data"]["text/html"]
    kernel.run("%deepseek four")
    assert history(server) == ["one", "What *I* say?", "three", NORMAL_TEXT, "four"]
    kernel.run("%%deepseek_chat system\nBe brief.\nBe kind?")
    kernel.run("%deepseek five")
    assert server.requests[-1].json["messages"][0] == {"role": "system", "content": "Be brief.\nBe kind?"}
    assert (
        "OptionError: %%deepseek_chat: only edit N and system take a cell"
        in kernel.run("%%deepseek_chat drop 1\ntext").error
    )


def test_undo_with_nothing_to_undo(kernel, server):
    assert_nothing_asked(kernel.run("%deepseek_chat undo"), server, "QuestionError", "no turn")


def test_show_shows_the_last_reply_again(kernel, server):
    server.enqueue(reply(TEXT, THOUGHT))
    first = kernel.run("%deepseek hello")
    again = kernel.run("%deepseek_chat show")
    assert again.displays == first.displays


def test_show_with_nothing_to_show(kernel, server):
    assert_nothing_asked(kernel.run("%deepseek_chat show"), server, "QuestionError", "no reply")


@pytest.mark.parametrize("name", ["two words", "-x", "x" * 61, "fork", "export"])
def test_a_name_that_no_conversation_can_have(kernel, server, name):
    assert_nothing_asked(kernel.run(f"%deepseek_chat {name}"), server, "OptionError")


CONFIGURED = {
    "model = 'deepseek-v4-pro'": {"model": "deepseek-v4-pro"},
    "temperature = 0.0": {"temperature": 0},
    "top_p = 0.5": {"top_p": 0.5},
    "max_tokens = 9": {"max_tokens": 9},
    "stop = ['a', 'b']": {"stop": ["a", "b"]},
    "thinking = 'off'": {"thinking": {"type": "disabled"}},
    "thinking = 'max'": {"thinking": {"type": "enabled"}, "reasoning_effort": "max"},
}


@pytest.mark.parametrize("setting", CONFIGURED)
def test_a_configured_setting_is_sent(kernel, server, setting):
    assert not kernel.run(f"%config DeepSeek.{setting}").failed
    kernel.run("%deepseek hello")
    body = server.requests[0].json
    assert {**body, **CONFIGURED[setting]} == body


def test_an_option_goes_before_configuration_and_that_before_the_environment(kernel, server):
    kernel.fresh(server.url, DEEPSEEK_MODEL="of-the-environment")
    kernel.run("%deepseek hello")
    kernel.run("%config DeepSeek.model = 'configured'")
    kernel.run("%deepseek hello")
    kernel.run("%deepseek -m typed hello")
    assert [request.json["model"] for request in server.requests] == ["of-the-environment", "configured", "typed"]


def test_a_configured_system_message_and_endpoint(kernel, server):
    kernel.fresh("http://127.0.0.1:9")
    kernel.run("%config DeepSeek.system = 'Be brief.'")
    kernel.run(f"%config DeepSeek.base_url = {server.url!r}")
    kernel.run("%deepseek hello")
    assert server.requests[0].json["messages"][0] == {"role": "system", "content": "Be brief."}


def test_the_footer_can_be_left_out(kernel, server):
    assert "deepseek-footer" in kernel.run("%deepseek hello").html
    kernel.run("%config DeepSeek.footer = False")
    assert "deepseek-footer" not in kernel.run("%deepseek hello").html


MISTAKES = {
    "%deepseek --modle x hello": ("OptionError", "--modle", "--model"),
    "%deepseek --zzz hello": ("OptionError", "--zzz", "-h lists them"),
    "%deepseek -t warm hello": ("OptionError", "--temperature", "0 to 2", "'warm'"),
    "%deepseek -t 3 hello": ("OptionError", "--temperature", "0 to 2", "'3'"),
    "%deepseek -t nan hello": ("OptionError", "'nan'"),
    "%deepseek --top-p 0 hello": ("OptionError", "--top-p", "'0'"),
    "%deepseek --max-tokens 0 hello": ("OptionError", "--max-tokens", "'0'"),
    "%deepseek --max-tokens 1.5 hello": ("OptionError", "--max-tokens", "'1.5'"),
    "%deepseek --think hihg hello": ("OptionError", "off, low, high, max", "'hihg'", "did you mean high"),
    "%deepseek --timeout 0 hello": ("OptionError", "--timeout", "'0'"),
    "%deepseek --timeout inf hello": ("OptionError", "'inf'"),
    "%deepseek -o class hello": ("OptionError", "--output", "'class'"),
    "%deepseek -o not-a-name hello": ("OptionError", "'not-a-name'"),
    "%deepseek --quiet=yes hello": ("OptionError", "--quiet", "takes no value"),
    "%deepseek --chat new hello": ("OptionError", "--chat", "'new'", "%deepseek_chat"),
    "%deepseek --chat list hello": ("OptionError", "--chat", "'list'"),
    "%deepseek --chat rename hello": ("OptionError", "--chat", "'rename'", "later"),
    "%deepseek --chat -x hello": ("OptionError", "--chat", "'-x'"),
    "%deepseek --stop '' hello": ("OptionError", "--stop", "not empty"),
    "%deepseek -m": ("OptionError", "--model", "needs a value"),
    "%deepseek -m '' hello": ("OptionError", "--model"),
    "%deepseek -s 'unclosed hello": ("OptionError", "--system"),
    "%deepseek --stop " + " --stop ".join("abcdefghijklmnopq") + " hello": ("ConfigurationError", "16"),
    "%deepseek --new": ("EmptyQuestion",),
    "%deepseek -t 1 --": ("EmptyQuestion",),
    "%%deepseek -t 1\n  \n": ("EmptyQuestion",),
    "%deepseek --base-url ftp://x hello": ("ConfigurationError", "ftp://x", "http"),
    "%deepseek --base-url nothing hello": ("ConfigurationError", "nothing"),
    "%deepseek --base-url http://a:b hello": ("ConfigurationError", "http://a:b"),
    "%deepseek --base-url http://[::1 hello": ("ConfigurationError",),
    "%deepseek --base-url https://me:secret@x.example hello": ("ConfigurationError", "login"),
    "%deepseek --base-url https://x.example?a=b hello": ("ConfigurationError", "?"),
    "%deepseek_models all": ("OptionError", "%deepseek_models"),
    "%deepseek_balance all": ("OptionError", "%deepseek_balance"),
    "%deepseek_usage all": ("OptionError", "%deepseek_usage"),
    "%deepseek_demo on": ("OptionError", "'on'"),
    "%deepseek_login --sav": ("OptionError", "--save"),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake_is_one_line_and_nothing_is_sent(kernel, server, line):
    assert_nothing_asked(kernel.run(line), server, *MISTAKES[line])


@pytest.mark.parametrize("setting", ["temperature = 5.0", "timeout = 0.0", "max_tokens = 0", "top_p = 2.0"])
def test_a_configured_value_out_of_range_is_one_line(kernel, server, setting):
    name, _, value = setting.partition(" = ")
    (line,) = kernel.run(f"%config DeepSeek.{setting}").printed.splitlines()
    words = f"DeepSeek.{name} is {value}: expected "
    assert words in line
    assert_nothing_asked(kernel.run("%deepseek hello"), server, "ConfigurationError", words)
    kernel.run(f"%config DeepSeek.{name} = {120.0 if name == 'timeout' else None}")  # the value that it still has
    assert not kernel.run("%deepseek hello").failed


def test_a_question_goes_nowhere_else_than_to_the_endpoint_that_was_named(kernel, server):
    """Where a misspelt one is refused; nor is one asked without a limit that was refused."""
    for setting, words in (
        ("base_url = 'ollma'", "DeepSeek.base_url: bad URL 'ollma'"),
        ("budget = -1", "DeepSeek.budget is -1.0: expected "),
    ):
        assert words in kernel.run(f"%config DeepSeek.{setting}").printed
        assert_nothing_asked(kernel.run("%deepseek hello"), server, "ConfigurationError", words.partition(": ")[2])
        name = setting.partition(" = ")[0]
        kernel.run(f"%config DeepSeek.{name} = {'' if name == 'base_url' else None!r}")
    assert not kernel.run("%deepseek hello").failed


def test_a_password_in_a_url_is_not_repeated(kernel, server):
    assert "secret" not in kernel.run("%deepseek --base-url https://me:secret@x.example hello").error


def test_a_key_that_can_be_none_is_one_line(kernel, server):
    kernel.fresh(server.url, with_key=False)
    kernel.quietly("os.environ['DEEPSEEK_API_KEY'] = 'two words'")
    assert_nothing_asked(kernel.run("%deepseek hello"), server, "ConfigurationError", "DEEPSEEK_API_KEY")


def test_a_key_typed_into_the_login_line_is_not_repeated(kernel, server):
    cell = kernel.run("%deepseek_login sk-typed-by-mistake")
    assert_nothing_asked(cell, server, "OptionError", "does not belong in a cell")
    assert "mistake" not in cell.error


def test_login_asks_by_a_hidden_prompt(kernel, server):
    kernel.fresh(server.url, with_key=False)
    kernel.run("%deepseek hello")
    assert "authorization" not in server.requests[-1].headers
    cell = kernel.run("%deepseek_login", answers=[f" {KEY}\n"])
    assert not cell.failed
    (prompt,) = cell.prompts
    assert prompt["password"] is True
    assert f"127.0.0.1:{server.port}" in prompt["prompt"]
    assert "in memory" in cell.printed
    kernel.run("%deepseek hello")
    assert server.requests[-1].headers["authorization"] == f"Bearer {KEY}"
    assert "from %deepseek_login" in kernel.run("%deepseek").text
    assert "Forgot" in kernel.run("%deepseek_login --forget").printed
    kernel.run("%deepseek hello")
    assert "authorization" not in server.requests[-1].headers
    assert "no key" in kernel.run("%deepseek_login --forget").printed


@pytest.mark.parametrize(
    ("answer", "words"), [("", "nothing was typed"), ("two words", "not usable"), ("grün", "usable")]
)
def test_login_refuses_what_can_be_no_key(kernel, server, answer, words):
    cell = kernel.run("%deepseek_login", answers=[answer])
    assert_nothing_asked(cell, server, "ConfigurationError", words)


def test_login_where_nobody_can_be_asked(kernel, server):
    cell = kernel.run("%deepseek_login", allow_stdin=False)
    assert_nothing_asked(cell, server, "ConfigurationError", "DEEPSEEK_API_KEY")


def test_a_key_for_this_machine_is_not_saved(kernel, server):
    cell = kernel.run("%deepseek_login --save", answers=[KEY])
    assert_nothing_asked(cell, server, "ConfigurationError", "kept in memory only", "--save")


def test_login_that_cannot_be_saved_says_so(kernel, server):
    kernel.fresh(with_key=False)
    kernel.quietly(
        "import keyring.backends.fail; _keyring = keyring.get_keyring()\n"
        "keyring.set_keyring(keyring.backends.fail.Keyring())"
    )
    try:
        cell = kernel.run("%deepseek_login --save", answers=[KEY])
    finally:
        kernel.quietly("keyring.set_keyring(_keyring)")
    assert_nothing_asked(cell, server, "ConfigurationError", "keyring")


def test_the_demo_answers_without_a_key(kernel, server):
    kernel.fresh(server.url, with_key=False)
    assert "not a model" in kernel.run("%deepseek_demo").printed
    cell = kernel.run("%deepseek What is this? It's {odd}.")
    assert not cell.failed
    assert cell.text
    assert not server.requests
    assert "embedded endpoint" in kernel.run("%deepseek").text
    assert "off" in kernel.run("%deepseek_demo off").printed
    kernel.run("%deepseek hello")
    assert len(server.requests) == 1
    assert "was not on" in kernel.run("%deepseek_demo off").printed


def test_the_key_of_an_endpoint_is_not_sent_to_the_demo(kernel, server):
    kernel.run("%deepseek_demo")
    assert not kernel.run("%deepseek hello").failed
    assert not server.requests
    kernel.run("%deepseek_demo off")


def test_the_demo_only_where_there_is_no_key(kernel, server):
    assert "No demo is needed" in kernel.run("%deepseek_demo --if-no-key").printed
    assert kernel.run("%deepseek hello").text == NORMAL_TEXT
    kernel.fresh(server.url, with_key=False)
    assert "No demo is needed" in kernel.run("%deepseek_demo --if-no-key").printed
    kernel.quietly("import os; del os.environ['DEEPSEEK_BASE_URL']")
    assert "Demo on" in kernel.run("%deepseek_demo --if-no-key").printed
    kernel.run("%deepseek_demo off")


@pytest.mark.parametrize("name", ["models-plain", "models-rich", "models-vllm"])
def test_models_are_listed_in_every_shape(kernel, server, name):
    server.enqueue(*named(name))
    cell = kernel.run("%deepseek_models")
    assert server.requests[0].path == "/models"
    (line,) = [line for line in cell.text.splitlines() if line.startswith("deepseek-flash")]
    assert "asked by default here" in line
    assert ("32,768" if name == "models-vllm" else "1,048,576") in line
    assert ("deepseek-v4-pro" in cell.text) == (name != "models-vllm")
    assert "<table" in cell.html


def test_no_models_at_all(kernel, server):
    server.enqueue(*named("models-empty"))
    assert not kernel.run("%deepseek_models").failed


def test_models_of_an_unknown_shape(kernel, server):
    server.enqueue(error(200, {"models": 3}))
    assert kernel.run("%deepseek_models").error.startswith("UnexpectedResponse: ")


def test_a_balance_in_two_currencies(kernel, server):
    server.enqueue(*named("balance-two-currencies"))
    cell = kernel.run("%deepseek_balance")
    assert server.requests[0].path == "/user/balance"
    for word in ("CNY", "USD", "110.00", "10.00", "100.00", "enough"):
        assert word in cell.text


def test_a_balance_in_no_currency(kernel, server):
    server.enqueue(*named("balance-none"))
    assert "enough" in kernel.run("%deepseek_balance").text


def test_a_balance_that_is_not_enough(kernel, server):
    server.enqueue(*named("balance-not-available"))
    cell = kernel.run("%deepseek_balance")
    assert "0.00" in cell.text
    assert "top up" in cell.text


@pytest.mark.parametrize("line", ["%deepseek_balance", "%deepseek_models"])
def test_an_account_that_is_refused_is_one_line(kernel, server, line):
    server.enqueue(error(401, api_error("Authentication Fails")))
    cell = kernel.run(line)
    assert [output.output_type for output in cell.outputs] == ["error"]
    assert "Authentication Fails" in cell.error


def test_a_server_without_a_balance(kernel, server):
    server.enqueue(error(404, {"detail": "Not Found"}))
    assert "Not Found" in kernel.run("%deepseek_balance").error


def test_usage_by_model(kernel, server):
    assert "Nothing" in kernel.run("%deepseek_usage").text
    kernel.run("%deepseek one")
    kernel.run("%deepseek two")
    table = kernel.run("%deepseek_usage").text
    (line,) = [line for line in table.splitlines() if line.startswith("deepseek-flash")]
    assert line.split() == ["deepseek-flash", "2", "20", "0%", "40", "no", "known", "price"]


def test_the_status_card_tells_everything_but_the_key(kernel, server):
    kernel.run("%deepseek one")
    requests = len(server.requests)
    card = kernel.run("%deepseek")
    for word in (server.url, "deepseek-flash", "the variable DEEPSEEK_API_KEY", "main, 1 turn,", "30 tokens"):
        assert word in card.text
        assert word in card.html
    for command in ("login", "demo", "models", "balance", "usage", "chat"):
        assert f"%deepseek_{command}" in card.text
    assert len(server.requests) == requests


@pytest.mark.parametrize(("name", "thinking"), [("deepseek-chat", "off"), ("deepseek-reasoner", None)])
def test_retired_names_are_mapped_at_deepseek_alone(kernel, server, name, thinking):
    settings, note = modernised(Settings(model=name))
    assert (settings.model, settings.thinking) == ("deepseek-flash", thinking)
    assert name in note
    assert "deepseek-flash" in note
    assert modernised(Settings(model=name, thinking="low"))[0].thinking == "low"
    for elsewhere in ("https://gateway.example", "http://127.0.0.1:8000/v1"):
        settings = Settings(base_url=elsewhere, model=name)
        assert modernised(settings) == (settings, "")
    assert kernel.run(f"%deepseek -m {name} hello").notices == []
    assert server.requests[0].json["model"] == name


def test_python_asks_with_the_same_settings(kernel, server):
    kernel.run("import deepseek_magic\nr = deepseek_magic.ask(\"it's {x}?\", temperature=0.5, stop=('a',))")
    assert sent(server) == "it's {x}?"
    assert server.requests[0].json["temperature"] == 0.5
    assert server.requests[0].json["stop"] == ["a"]
    assert kernel.value("r.text") == NORMAL_TEXT
    (shown,) = kernel.run("r").outputs
    assert shown.data["text/plain"] == NORMAL_TEXT


def test_a_conversation_in_python_remembers(kernel, server):
    kernel.run("import deepseek_magic\nc = deepseek_magic.Conversation(system='brief')\nc.ask('one'); c.ask('two');")
    assert history(server) == ["one", NORMAL_TEXT, "two"]
    cell = kernel.run("c.ask('three', show=True)")
    assert [output.output_type for output in cell.outputs] == ["display_data"]
    assert "TypeError" in kernel.run("deepseek_magic.ask('x', nonsense=1)").outputs[0].ename


def test_the_list_of_conversations_holds_those_in_use(kernel, server):
    kernel.run("import deepseek_magic\ndef f(x): return deepseek_magic.Conversation().ask(x)\nf('a'); f('b'); f('c');")
    assert [len(request.json["messages"]) for request in server.requests] == [1, 1, 1]
    assert "python-" not in kernel.run("%deepseek_chat list").text
    kernel.run("c = deepseek_magic.Conversation(); c.ask('one');")
    assert "python-" in kernel.run("%deepseek_chat list").text


@pytest.mark.parametrize(
    ("code", "kind", "word"),
    [
        ("ask(123)", "QuestionError", "int"),
        ("ask(None, show=True)", "QuestionError", "NoneType"),
        ("ask('x', timeout='5')", "ConfigurationError", "timeout"),
        ("ask('x', model=5)", "ConfigurationError", "model"),
        ("ask('x', base_url=5)", "ConfigurationError", "5"),
        ("ask('x', temperature='hot')", "ConfigurationError", "temperature"),
        ("ask('x', stop=[1])", "ConfigurationError", "stop"),
        ("Conversation(temperature='hot').ask('x')", "ConfigurationError", "temperature"),
    ],
)
def test_a_value_of_the_wrong_type_from_python_is_one_line(kernel, server, code, kind, word):
    assert_nothing_asked(kernel.run(f"import deepseek_magic\ndeepseek_magic.{code}"), server, kind, word)


def test_an_empty_system_text_overrides_the_configured_one(kernel, server):
    kernel.run("%config DeepSeek.system = 'be brief'")
    kernel.run("%deepseek -s '' hello")
    assert [message["role"] for message in server.requests[-1].json["messages"]] == ["user"]


def test_an_empty_stop_in_the_configuration_is_one_line(kernel, server):
    (line,) = kernel.run("%config DeepSeek.stop = ['']").printed.splitlines()
    words = "DeepSeek.stop is ['']: expected at most 16 strings, none of them empty"
    assert line.endswith(words)
    assert_nothing_asked(kernel.run("%deepseek hello"), server, "ConfigurationError", words)


def test_a_cell_magic_below_a_comment(kernel, server):
    kernel.run("# first,\n\n# a word\n%%deepseek\nwhy?\n# not this")
    assert sent(server) == "why?\n# not this"


def test_code_and_json_of_a_reply(kernel, server):
    server.enqueue(reply('Here:\n\n```python\nx = 1\n```\n\nand\n\n```json\n{"a": [1]}\n```\n'))
    kernel.run("x = %deepseek hello")
    assert kernel.value("[x.code, x.json]") == ['x = 1\n\n{"a": [1]}', {"a": [1]}]


def test_every_option_of_the_table_is_tried_here():
    # test_context.py, test_endpoint.py, app/test_replaying.py; test_tools.py, app/test_comparing.py, app/test_away.py
    elsewhere = "--context --vars --raw --dry-run --as --max-cost --schema --tools --replay --fresh --no-record"
    later = "--rounds --yes --compare --bg --web --profile"
    tried = " ".join((*OPTIONED, *MISTAKES, "--system --base-url", elsewhere, later))
    for option in OPTIONS:
        assert option.flag in tried or f"{option.short or None} " in tried
