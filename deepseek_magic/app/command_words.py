"""What the commands take besides a question: the words after the name of each, and what they do."""

from __future__ import annotations

#: What `%deepseek_login` and `%deepseek_demo` take.
LOGIN_WORDS = ("--save", "--forget")
DEMO_WORDS = ("off", "--if-no-key")
#: What `%deepseek_doctor` takes.
DOCTOR = {
    "--stream": "also ask for a reply of a few tokens, to see whether it streams; you are asked first",
    "--yes": "do not ask first",
    "--json": "as JSON for a report, without secrets",
}
#: What each word after ``%deepseek_chat`` does; anything else is the name of a conversation.
CONVERSATIONS = {
    "list": "list the conversations",
    "NAME": "go on in the conversation of this name, new if there is none",
    "new": "start a conversation: new NAME, or new for a name that is made for it",
    "turns": "list the turns of the current conversation, with their numbers",
    "undo": "take the last turn back",
    "drop": "take turn N away: drop 3",
    "edit": "put the answer of turn N into the next cell; run, that cell is the answer: edit 3",
    "pick": "list the answers of the last --compare, or keep one of them as the turn: pick 2",
    "fork": "go on in a copy under a new name: fork NAME, or fork NAME 3 for the turns up to the third",
    "system": "set the text that stands before this conversation: system TEXT, or none; alone it shows it",
    "reset": "forget the turns of the current conversation",
    "show": "show the last reply again, whole; show 2 the one before it",
    "export": "write the current conversation to FILE.md, .html, .ipynb or .jsonl; --force replaces a file",
    "restore": "rebuild the conversations out of the notebook's file, after a restart of the kernel",
    "import": "read a conversation from a FILE.jsonl, .ipynb or .md that was exported",
}

#: How ``%deepseek_history`` is called.
HISTORY = {
    "": "the newest questions and answers of the record",
    'word "two words"': "the newest that hold all of these",
    "N --again": "put question N into the next cell",
}

#: What each word after ``%deepseek_record`` does.
RECORD = {
    "export FILE.jsonl": "write the replies as lines, one a reply, in a stable order",
    "import FILE.jsonl": "add the replies of such a file",
    "prune --older 30d": "forget the replies that are older than so many days",
    "forget N": "forget the reply of this number",
}

#: What each word after ``%deepseek_jobs`` does.
JOBS = {
    "list": "list the questions in the background, and the last ones that have ended",
    "stop N": "stop job N; stop alone stops all; what has come is kept",
    "wait N": "wait for the reply of job N; wait alone waits for all; an interrupt stops only the waiting",
}
