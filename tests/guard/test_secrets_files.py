"""Files that are kept for secrets: what they assign is masked whatever its name, and what is plain stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deepseek_magic.context.reader import Reader
from deepseek_magic.context.sources import file
from deepseek_magic.errors import SecretFound
from deepseek_magic.guard import Guard, is_secrets_file
from deepseek_magic.notebook.running import RunningNotebook

ONE, TWO = "q9#Lm2-vX7", "zR4!kk81Wp"
READER = Reader(RunningNotebook(None, {}), {}, Guard("off", {}), tokens=100)
# Without the name of the file none of these would be found: no name in them says "secret".
WRITTEN = [
    "SHOP_ACCESS={0}\nMAIL_ACCESS={1}\n",
    "export A='{0}'\r\nexport B=\"{1}\"\r\n",
    "A = {0}  # of the shop\n# B={1}\n",
    'a: {0}\nb: "{1}"\n',
    "a:\n  - {0}\n  - b: '{1}'\n",
    '[shop]\naccess = "{0}"\nmore = ["{1}", "plain"]\n',
    'shop = {{ access = "{0}", "the other" = \'{1}\' }}\n',
    '{{"shop": {{"access": "{0}", "mode": "test"}}, "mail": ["{1}"]}}',
    '{{\n  "shop access": "{0}",\n  "mail": "{1}"\n}}\n',
    "machine h.example.org login bob password {0}\nmachine h2\nlogin al\npassword {1}\n",
    "db.example.org:5432:shop:bob:{0}\n*:*:*:al:{1}\n",
    "{0}\n{1}\n",
    "{{a: {0}, b: {1}}}\n",
    'A="{0}\nB={1}',
]


def clean(text: str) -> str:
    guard = Guard("mask", {})
    cleaned = guard.clean(text, secrets_file=True)
    assert guard.clean(cleaned.text, secrets_file=True) == cleaned
    return cleaned.text


@pytest.mark.parametrize("written", WRITTEN)
def test_every_value_is_masked(written):
    text = clean(written.format(ONE, TWO))
    assert ONE not in text
    assert TWO not in text
    assert text.count("[masked: ") == 2


def test_a_plain_password_is_masked_by_its_name():
    text = "DB_PASSWORD=tiger\nSECRET_KEY: letmein\n'pw' = 'ab'\nmachine h login bob password lion\n*:*:db:bob:wolf"
    cleaned = clean(text)
    assert not [word for word in ("tiger", "letmein", "'ab'", "lion", "wolf") if word in cleaned]
    assert cleaned.count("[masked: ") == 5


PLAIN = [
    "DEBUG=true\nPORT=5432\nHOST=db-1.example.org\nMODE=production\nNAME=my_shop\nTIMEOUT = 2.5\n",
    "DB_HOST=10.0.0.12:5432\nURL=https://api.example.org:8443/v1/items\nDATA=/srv/data/run_12\nUSER=bob@example.org",
    "SECRET_KEY=changeme\nPASSWORD=\nTOKEN=${TOKEN}\nAPI_KEY=<your-key>\nPASSWORD_FILE=/run/secrets/db\n",
    '# The settings of the shop: see https://example.org/docs\n\n[database]\nname = "shop"\nsizes = [1, 2, 30]\n',
    '{"debug": false, "level": "INFO", "zone": "Europe/Berlin", "hosts": ["a.example.org", "b.example.org"]}',
    "machine api.example.org\n  login bob\n",
]


@pytest.mark.parametrize("text", PLAIN)
def test_what_is_plain_stays(text):
    assert clean(text) == text


def test_only_in_such_a_file():
    text = WRITTEN[0].format(ONE, TWO)
    assert Guard("mask", {}).clean(text).text == text
    assert Guard("off", {}).clean(text, secrets_file=True).text == text
    with pytest.raises(SecretFound, match=r"file \.env holds a secret \(secret; line 1\)"):
        Guard("refuse", {}).clean(text, "file .env", secrets_file=True)


def test_what_the_file_assigns_is_masked_elsewhere_too():
    guard = Guard("mask", {})
    guard.clean(WRITTEN[0].format(ONE, TWO), secrets_file=True)
    assert ONE not in guard.clean(f"it printed {ONE}").text


_LINES = st.lists(st.sampled_from(["A=", "'a': ", "[x]", "- ", "# ", "password ", '"', "h:1:d:u:", "\r", ONE, "{"]))


@given(_LINES, st.text(max_size=30), _LINES)
def test_any_file_is_clean_after_one_cleaning(before, text, after):
    once = clean("".join([*before, text, "\n", *after]))
    assert clean(once) == once


NAMES = [".env", ".env.local", "prod.env", ".ENV", ".envrc", ".netrc", "_netrc", ".pgpass", "credentials"]
NAMES += ["credentials.json", "secrets.toml", "secrets.yaml", "secrets.yml", "client_secret_12.json", ".npmrc"]


@pytest.mark.parametrize("name", NAMES)
def test_its_name_tells(name, tmp_path):
    (tmp_path / name).write_text("A=1")
    assert is_secrets_file(name)
    assert file.read(READER, str(tmp_path / name))[0].secrets_file


@pytest.mark.parametrize(
    "name", ["env.py", "environment.yml", "tokens.txt", "secrets.py", "README.md", "key.csv", "data.json", "my.envoy"]
)
def test_other_files_are_none(name, tmp_path):
    (tmp_path / name).write_text("A=1")
    assert not is_secrets_file(name)
    assert not file.read(READER, str(tmp_path / name))[0].secrets_file


def test_a_link_to_such_a_file_is_one(tmp_path):
    (tmp_path / ".env").write_text("A=1")
    (tmp_path / "settings.txt").symlink_to(tmp_path / ".env")
    assert file.read(READER, str(tmp_path / "settings.txt"))[0].secrets_file
