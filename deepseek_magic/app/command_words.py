"""The words that commands take after their names, and what each does."""

from __future__ import annotations

#: What `%deepseek_login` and `%deepseek_demo` take.
LOGIN_WORDS = ("--save", "--forget")
DEMO_WORDS = ("off", "--if-no-key")
#: What `%deepseek_doctor` takes.
DOCTOR = {
    "--stream": "also ask for a reply of a few tokens, to see whether it streams; you are asked first",
    "--yes": "do not ask first",
    "--json": "print the report as JSON, without secrets",
}
#: What each word after ``%deepseek_chat`` does; anything else is the name of a conversation.
CONVERSATIONS = {
    "list": "list the conversations",
    "NAME": "switch to the conversation of this name; it is created if there is none",
    "new": "start a new conversation: new NAME, or just new for a generated name",
    "turns": "list the turns of the current conversation, with their numbers",
    "undo": "remove the last turn",
    "drop": "remove turn N: drop 3",
    "edit": "put the answer of turn N into the next cell; running that cell changes the answer: edit 3",
    "pick": "list the answers of the last --compare, or keep one of them as the turn: pick 2",
    "fork": "continue in a copy under a new name: fork NAME, or fork NAME 3 for the turns up to the third",
    "system": "set this conversation's system text: system TEXT; system none removes it, just system shows it",
    "reset": "forget all turns of the current conversation",
    "show": "show the last reply again in full; show 2, the one before it; show [7], the reply to cell [7]",
    "export": "write the current conversation to FILE.md, .html, .ipynb or .jsonl; --force replaces an existing file",
    "restore": "rebuild the conversations from the notebook's file, after a restart of the kernel",
    "import": "read a conversation from an exported FILE.jsonl, .ipynb or .md",
}

#: How ``%deepseek_history`` is called.
HISTORY = {
    "": "the newest questions and answers in the record",
    'word "two words"': "the newest that contain all of these",
    "N --again": "put question N into the next cell",
}

#: What each word after ``%deepseek_record`` does.
RECORD = {
    "export FILE.jsonl": "write the replies to a file, one per line, in a stable order",
    "import FILE.jsonl": "add the replies of such a file",
    "prune --older 30d": "forget the replies that are older than this many days",
    "forget N": "forget reply number N",
}

#: What each word after ``%deepseek_jobs`` does.
JOBS = {
    "list": "list the questions in the background, with the last ones that have ended",
    "stop N": "stop job N, or all jobs without N; what has arrived is kept",
    "wait N": "wait for job N, or for all jobs without N; an interrupt stops only the waiting",
}
