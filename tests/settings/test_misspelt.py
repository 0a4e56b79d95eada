"""What is not understood is refused in one line that says what would be right, and nothing is sent."""

from __future__ import annotations

import pytest

EXPECTED = "expected some of cells, cells:N, cells:A-B, error, fig, file:PATH, needs, notebook, vars, none, found "
CELLS = "expected cells (every executed cell with its output) or cells:N (the last N of them) or cells:A-B (those with "
KEY_TYPED = "sk-" + "0d9a" * 8

REFUSED = [
    (
        "%deepseek -m hi",
        "EmptyQuestion: there is no question: 'hi' is the value of --model; write the question after it",
    ),
    ("%deepseek -t 0.5", "(%config DeepSeek.temperature = 0.5 sets it for every question)"),
    ("%deepseek --chat plots", "(%deepseek_chat plots switches to it)"),
    ("%deepseek --new", "EmptyQuestion: there is no question: write it after the options, or below them in the cell"),
    ("%deepseek -c last why?", f"{EXPECTED}'last'; did you mean cells:1 (the last cell)?"),
    ("%deepseek -c cell:3 why?", f"{EXPECTED}'cell:3'; did you mean cells:3-3 (cell [3])?"),
    ("%deepseek -c cells:0 why?", f"{CELLS}the execution counts A to B), found 'cells:0'"),
    (
        "%deepseek -c cells: 3 why?",
        "found 'cells:'; write its value right after the colon, without a space: cells:VALUE",
    ),
    ("%deepseek -c cells:3..9 why?", "found 'cells:3..9'; did you mean cells:3-9?"),
    ("%deepseek -c cells:9-3 why?", "found 'cells:9-3'; did you mean cells:3-9?"),
    ("%deepseek -c data.csv why?", f"{EXPECTED}'data.csv'; did you mean file:data.csv?"),
    ("%deepseek -c df why?", f"{EXPECTED}'df'; -v df sends a variable"),
    ("%deepseek -c [3] why?", f"{EXPECTED}'[3]'; did you mean cells:3-3 (cell [3])?"),
    ("%deepseek -c 3 why?", f"{EXPECTED}'3'; did you mean cells:3-3 (cell [3])?"),
    ("%deepseek -c cells:-2 why?", "found 'cells:-2'; did you mean cells:2 (the last 2 cells)?"),
    ("%deepseek -v $df why?", "joined by commas without spaces, found '$df'; did you mean df?"),
    ("%deepseek -v {df} why?", "joined by commas without spaces, found '{df}'; did you mean df?"),
    (
        "%deepseek --schema df why?",
        "OptionError: a DataFrame cannot be used in a schema: --as df asks for a table; exp",
    ),
    ("%deepseek --schema 'list of int' why?", "--schema list of int: SyntaxError: invalid syntax"),
    ("%deepseek --compare temp=0,1 why?", "--compare temp=: did you mean temperature? one of these can differ: "),
    ("%deepseek_map texts --contxt cells Say {value}", "did you mean --context, an option of %deepseek?"),
    ("%deepseek what is {df.colums}?", "has no attribute 'colums'. Did you mean columns? Nothing was sent: correct it"),
    ("%deepseek_map df.colums Say {value}", "has no attribute 'colums'; did you mean columns?"),
    ("%deepseek_map df['m'] Say {value}", "%deepseek_map df['m']: KeyError: 'm'"),
    ("%deepseek_map 5 Say {value}", "%deepseek_map 5: expected a column or a list, found an int"),
    ("%deepseek_fetch example.org/a", "expected http:// or https:// and a host; did you mean https://example.org/a?"),
    ("%deepseek_demo stop", "found 'stop'; did you mean off?"),
    ("%deepseek_jobs kill 1", "found 'kill 1'; did you mean stop?"),
    ("%deepseek_jobs help", "found 'help'; -h shows the help"),
    ("%deepseek_chat clear", "did you mean reset? (%deepseek_chat new clear starts one of this name)"),
    ("%deepseek_chat ls", "did you mean list? (%deepseek_chat new ls starts one of this name)"),
    ("%deepseek_chat history", "did you mean turns? (%deepseek_chat new history starts one of this name)"),
    ("%deepseek_chat save", "did you mean export? (%deepseek_chat -h says what each word does)"),
    (
        "%deepseek_chat delete 3",
        "%deepseek_chat delete: did you mean drop? (%deepseek_chat -h says what each word does)",
    ),
    ("%deepseek_chat switch main", "%deepseek_chat switch: did you mean %deepseek_chat main?"),
    ("%deepseek_chat undo last", "%deepseek_chat undo takes no arguments, found 'last': leave it out"),
    ("%deepseek_chat help", "%deepseek_chat -h shows its help: write that"),
    ("%deepseek_chat drop", "expected the number of a turn (%deepseek_chat turns), found nothing"),
    ("%deepseek_chat new two words", "expected a name without spaces, found 'two words'; did you mean two-words?"),
    ("%deepseek -c everything why?", f"{EXPECTED}'everything'; did you mean cells,vars?"),
    ("%deepseek --as JSON why?", "--as: expected one of text, code, json, df, found 'JSON'; did you mean json?"),
    ("%deepseek --as dataframe why?", "found 'dataframe'; did you mean df?"),
    ("%deepseek --think on why?", "--think: expected one of off, low, high, max, found 'on'; did you mean high?"),
    ("%deepseek --tools df why?", "--tools df: it is a DataFrame; expected the name of a function (-v sends a value)"),
    ("%deepseek --tools shout() why?", "found 'shout()'; write only the name"),
    ("%deepseek --model= why?", "OptionError: --model needs a value: expected a model's name"),
    ("%deepseek -t hot why?", "--temperature: expected a number from 0 to 2, found 'hot'"),
    ("%deepseek -t 0,5 why?", "found '0,5'; did you mean 0.5?"),
    ("%deepseek --max-tokens 4k why?", "--max-tokens: expected a whole number from 1, found '4k'; did you mean 4000?"),
    ("%deepseek --max-cost 1$ why?", "--max-cost: expected US dollars, more than 0, found '1$'; did you mean 1?"),
    ("%deepseek --timeout -1 why?", "--timeout: expected a number of seconds from 0.001 to 86400, found '-1'"),
    (
        '%deepseek -v "df n" why?',
        "names of variables, joined by commas without spaces, found 'df n'; did you mean df,n?",
    ),
    ("%deepseek -v df.head() why?", "; put an expression into the question in braces: {df.head()}"),
    ("%deepseek -v dff why?", "QuestionError: -v dff: there is no variable of that name; did you mean df?"),
    ("%deepseek -o df.x why?", "found 'df.x'; only %deepseek_map puts results into a column"),
    ("%deepseek -o print why?", "--output: expected a variable's name that is not one of Python's own, found 'print'"),
    ("%deepseek --output 1x why?", "that is not one of Python's own, found '1x'"),
    ('%deepseek --chat "a b" why?', "a name of at most 60 characters without spaces, found 'a b'; did you mean a-b?"),
    ("%deepseek --schema Foo why?", "--schema Foo: NameError: name 'Foo' is not defined"),
    ('%deepseek --schema {"a":1} why?', "the schema does not say what the value is: expected type, properties, enum"),
    ('%deepseek --schema {"a": 1} why?', "it ends at the first space; quote it, like --schema 'dict[str, int]'"),
    ("%deepseek --stop", "--stop needs a value: expected a string that is not empty"),
    (
        "%deepseek --base-url myhost:8000/v1 why?",
        "expected http:// or https:// and a host, like https://myhost:8000/v1",
    ),
    (
        "%deepseek --base-url localhost:1234 why?",
        "bad URL 'localhost:1234': expected http:// or https:// and a host, like",
    ),
    ("%deepseek \N{EN DASH}c cells why?", "'\N{EN DASH}c' is not read as an option: write -c"),
    ("%deepseek --json why?", "unknown option --json: did you mean --as json?"),
    ("%deepseek --thinking off why?", "unknown option --thinking: did you mean --think LEVEL?"),
    ("%deepseek -f data.csv why?", "unknown option -f: did you mean -c file:PATH?"),
    ("%deepseek --api-key x why?", "unknown option --api-key: %deepseek_login asks for a key by hidden prompt"),
    ("%deepseek --wbe why?", "unknown option --wbe: did you mean --web?"),
    ("%deepseek --search why?", "unknown option --search: did you mean --web?"),
    ("%deepseek --background why?", "unknown option --background: did you mean --bg?"),
    ("%deepseek --record why?", "unknown option --record: did you mean --no-record?"),
    ("%deepseek --web=all why?", "--web: expected a whole number from 0, found 'all'"),
    ("%deepseek --compare deepseek-flash why?", "expected two values or more, joined by commas, such as deepseek-fla"),
    ("%deepseek --replay never why?", "--replay: expected one of auto, only, off, found 'never'"),
    ("%deepseek --rounds many why?", "--rounds: expected a whole number from 1, found 'many'"),
    ("%deepseek --profile nobody why?", "there are no profiles: write "),
    ("%deepseek --bg --compare a,b why?", "--compare does not go with --bg: it is waited for; leave one of them out"),
    ("%deepseek --tools mcp:nobody why?", "--tools mcp:nobody: no such server is configured"),
    ("%deepseek_history --agan 3", "%deepseek_history: expected N --again, with the number of a question, found"),
    ("%deepseek_record", "there is no record: %config DeepSeek.record = 'answers.db' keeps every finished reply in"),
    ("%deepseek_jobs stpo", "expected list, stop N, wait N, or nothing; found 'stpo'; did you mean stop?"),
    ("%deepseek_jobs wait x", "expected list, stop N, wait N, or nothing; found 'wait x'"),
    ("%deepseek_doctor --strem", "found '--strem'; did you mean --stream?"),
    ("%deepseek_search", "%deepseek_search needs words to search for"),
    ("%deepseek_fetch page", "'page' is not the address of a web page: expected http:// or https:// and a host"),
    ("%deepseek_tools nothing", "%deepseek_tools: nothing is named 'nothing'; without a name it lists what there"),
    ("%deepseek_code --rna", "%deepseek_code: expected the number of a block, --ran, or nothing; found '--rna'; did y"),
    ("%deepseek_map texts --when night Say {value}", "--when: expected one of now, off-peak, found 'night'"),
    ("%deepseek -j 5 why?", "-j is an option of %deepseek_map, not of this magic"),
    ("%deepseek_fix --as code", "--as is an option of %deepseek, not of this magic"),
    ("%deepseek_continue please", "%deepseek_continue: expected --model, "),
    ("%deepseek_chat nw", "%deepseek_chat nw: did you mean new? (%deepseek_chat new nw starts one of this name)"),
    ("%deepseek_chat lst", "%deepseek_chat lst: did you mean list?"),
    ("%deepseek_chat new main", "there is a conversation main already: %deepseek_chat main goes on in it"),
    ("%deepseek_chat two words", "found 'two words'"),
    ("%deepseek_usage now", "%deepseek_usage takes no arguments, found 'now'"),
    ("%deepseek_demo on", "takes off, --if-no-key, or nothing (which starts it); found 'on'"),
    ("%deepseek_login save", "%deepseek_login: did you mean --save?"),
    (
        f"%deepseek_login {KEY_TYPED}",
        "OptionError: a key does not belong in a cell: the notebook and the history keep it.",
    ),
    ("%deepseek_map", "%deepseek_map needs the values first, like: "),
    (
        "%deepseek_map texts",
        "there is no prompt: write it after the values and the options, with {value} where the value",
    ),
    (
        "%deepseek_map texts Say it",
        "the prompt has no {value}, so every value would get the same question: write it where",
    ),
    ("%deepseek_map texts Say {text}", "so every value would get the same question: write {value} for {text}"),
    ("%deepseek_map textss Say {value}", "NameError: name 'textss' is not defined; did you mean texts?"),
    ("%deepseek_map Say {value}", "NameError: name 'Say' is not defined; %deepseek_map needs the values first"),
    ("%deepseek_map texts Say {value} -o out", "-o out would be sent with each value: options come before the prompt"),
    ("%deepseek_map texts --as json {value}", "--as is an option of %deepseek, not of this magic"),
    (
        "%%deepseek_fim\ndef f():\n    pass",
        "%%deepseek_fim needs one <fill> where code is to be filled in, and found none",
    ),
    ("%deepseek_fim", "%%deepseek_fim needs the code in the lines below it, with <fill> where it is to be filled in"),
]


@pytest.mark.parametrize(("cell", "line"), REFUSED, ids=lambda value: repr(value)[:60])
def test_what_is_refused_says_what_is_right(run_cell, cell: str, line: str) -> None:
    said, questions = run_cell(cell)
    assert line in said
    assert len(said.splitlines()) == 1
    assert len(said) < 330
    assert KEY_TYPED not in said
    assert questions == []
