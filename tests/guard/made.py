"""Secrets, made up at run time from parts (scanners of repositories find none), and contexts for them."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from random import Random
from string import ascii_letters, ascii_uppercase, digits

ALNUM = ascii_letters + digits
WORD = ALNUM + "_-"
HEX = "0123456789abcdef"


def some(random: Random, characters: str, size: int) -> str:
    """That many of the characters, of which one is a digit, one a letter and the last is no punctuation."""
    text = "".join(random.choices(characters, k=size - 3))
    letters = [one for one in characters if one.isalpha()]
    return random.choice(letters) + text + random.choice([one for one in characters if one.isdigit()]) + letters[-1]


def _form(prefix: tuple[str, ...], characters: str, size: int) -> Callable[[Random], str]:
    return lambda random: "".join(prefix) + some(random, characters, size)


def _token(random: Random) -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"sub": random.randrange(10**9)}).encode()).decode().rstrip("=")
    return f"{head}.{body}.{some(random, WORD, 43)}"


#: Secrets that are known by their form wherever they stand.
FORMED: dict[str, Callable[[Random], str]] = {
    "DeepSeek key": _form(("s", "k-"), HEX, 32),
    "OpenAI key": _form(("s", "k-pr", "oj-"), WORD, 120),
    "Anthropic key": _form(("s", "k-a", "nt-api03-"), WORD, 95),
    "OpenRouter key": _form(("s", "k-o", "r-v1-"), HEX, 64),
    "API key": _form(("s", "k-"), ALNUM, 48),
    "AWS key": _form(("AK", "IA"), ascii_uppercase + digits, 16),
    "GitHub token": _form(("gh", "p_"), ALNUM, 36),
    "GitHub token, fine": _form(("github", "_pat_"), ALNUM, 82),
    "GitLab token": _form(("gl", "pat-"), WORD, 20),
    "Slack token": _form(("xo", "xb-"), digits + "abcdef", 40),
    "Stripe key": _form(("sk_", "live_"), ALNUM, 24),
    "Google key": _form(("AI", "za"), WORD, 35),
    "Google token": _form(("GOC", "SPX-"), WORD, 28),
    "Hugging Face token": _form(("h", "f_"), ALNUM, 34),
    "npm token": _form(("np", "m_"), ALNUM, 36),
    "PyPI token": _form(("py", "pi-AgEIcHlwaS5vcmc"), WORD, 120),
    "Twilio key": _form(("S", "K"), HEX, 32),
    "SendGrid key": lambda random: "S" + "G." + some(random, WORD, 22) + "." + some(random, WORD, 43),
    "Telegram token": lambda random: f"{random.randrange(10**9, 10**10)}:A" + "A" + some(random, WORD, 33),
    "Discord token": lambda random: (
        "M" + some(random, ALNUM, 25) + "." + some(random, WORD, 6) + "." + some(random, WORD, 38)
    ),
    "Mailgun key": _form(("ke", "y-"), HEX, 32),
    "Mailchimp key": lambda random: some(random, HEX, 32) + "-u" + "s12",
    "Azure key": lambda random: some(random, ALNUM, 3) + "8" + "Q~" + some(random, ALNUM, 34),
    "Shopify token": _form(("shp", "at_"), HEX, 32),
    "Databricks token": _form(("da", "pi"), HEX, 32),
    "Vault token": _form(("hv", "s."), WORD, 90),
    "Groq": _form(("gs", "k_"), ALNUM, 52),
    "DigitalOcean": _form(("do", "p_v1_"), HEX, 64),
    "JSON web token": _token,
    "age key": _form(("AGE-SEC", "RET-KEY-1"), ascii_uppercase + digits, 58),
}

#: What a text looks like in which a secret stands without a name.
PLACES = {
    "code": "client = Client({0!r})\nclient.run()",
    "print": "{0}",
    "prose": "My key is {0}, why is it refused?",
    "parentheses": "see ({0})",
    "traceback": (
        "\x1b[0;31mAuthError\x1b[0m                Traceback (most recent call last)\n"
        "Cell \x1b[0;32mIn[3]\x1b[0m, line 1\n\x1b[0;32m----> 1\x1b[0m call(\x1b[38;5;28m{0}\x1b[0m)\n\n"
        "AuthError: key {0} is refused"
    ),
    "colour": "\x1b[31m{0}\x1b[0m",
    "dict": "{{'a': 1, 'b': [{0!r}, None]}}",
    "JSON": '{{"a": 1, "b": {{"c": "{0}"}}}}',
    "JSON in a string": '"{{\\"a\\": \\"{0}\\"}}"',
    "repr of lines": r"'first line\n{0}\nlast line'",
    "YAML": "a:\n  - b\n  - {0}\n",
    "shell": "$ tool --flag {0} | head",
    "URL": "https://api.example.com/v1?q=1&k={0}&n=2",
    "URL-encoded": "next%3D{0}%26page%3D2",
    "DataFrame": "     user {0:>130}\n0    bob {0:>130}\n1  alice                NaN",
    "HTML": "<td>{0}</td><b>{0}</b>",
    "Markdown": "| a | `{0}` |\n\n- **{0}**",
    "CSV": "id,value\n1,{0}\n2,x\n",
    "log": "2026-01-01 12:00:00,123 INFO request value={0};status=200",
    "shortened": "'{0}...",
    "German": "Der Schlüssel „{0}“ wird abgelehnt.",
    "Chinese": "密钥是{0}，为什么？",
}


def password(random: Random) -> str:
    """A password as people and generators make them: letters, digits, and signs that end no value."""
    return some(random, ALNUM + "!@#%^*_+-=", random.randrange(9, 25))


#: Where a name or a place tells that a value is secret. The values have signs, but none that ends them there.
NAMED = {
    "assignment": 'db_password = "{0}"',
    "typed": 'password: str = "{0}"',
    "single quotes": "PASSWORD='{0}'",
    "triple quotes": 'secret_key = """{0}"""',
    "joined": 'client_secret = (\n    "{0}"\n)',
    "keyword": "connect(host='h', password='{0}', port=1)",
    "comparison": "if password == '{0}': pass",
    "dict": "{{'api_key': '{0}', 'user': 'bob'}}",
    "dict of camel": "{{'clientSecret': '{0}'}}",
    "JSON": '{{"access_token": "{0}", "token_type": "bearer"}}',
    "JSON in a string": r'"{{\"password\": \"{0}\"}}"',
    "repr in a repr": r"'{{\'password\': \'{0}\'}}'",
    "item": 'os.environ["API_KEY"] = "{0}"',
    "default": "os.environ.get('DB_PASSWORD', '{0}')",
    "pair": "[('user', 'bob'), ('password', '{0}')]",
    "env file": "HOST=h\nDB_PASSWORD={0}\nPORT=1\n",
    "env file, quoted": 'SECRET_KEY="{0}"\n',
    "export": "export API_TOKEN={0}",
    "magic": "%env OPENAI_API_KEY={0}",
    "before a command": "PGPASSWORD={0} psql -h host",
    "YAML": "db:\n  user: bob\n  password: {0}\n  port: 1\n",
    "YAML, db_pass": "db_pass: {0}",
    "TOML": '[db]\npassword = "{0}"\n',
    "ini": "[db]\nuser = bob\npassword = {0}\n",
    "option": "tool --password {0} --verbose",
    "option, tight": "tool --api-key={0} --verbose",
    "curl": "curl -u bob:{0} https://example.com",
    "netrc": "machine example.com\n  login bob\n  password {0}\n",
    "pgpass": "localhost:5432:shop:bob:{0}\n",
    "AWS file": "[default]\naws_access_key_id = x\naws_secret_access_key = {0}\naws_session_token={0}\n",
    "npmrc": "//registry.example.com/:_authToken={0}",
    "header": "X-Api-Key: {0}",
    "headers": "{{'Accept': '*/*', 'X-Auth-Token': '{0}'}}",
    "XML": "<db><password>{0}</password></db>",
    "HTML form": '<input name="password" type="hidden" value="{0}">',
    "HTML table": "<tr><td>password</td><td>{0}</td></tr>",
    "Markdown table": "| password | {0} |",
    "Series": "user           bob\npassword       {0}\nName: 0, dtype: object",
    "locals": "    password = '{0}'\n    user = 'bob'",
    "postgres": "postgresql://bob:{0}@db.example.com:5432/shop",
    "SQLAlchemy": "create_engine('mysql+pymysql://bob:{0}@10.0.0.1/shop?charset=utf8')",
    "mongodb": "mongodb+srv://bob:{0}@c0.example.net/?retryWrites=true",
    "redis": "redis://:{0}@cache:6379/0",
    "amqp": "amqps://bob:{0}@mq.example.com/vhost",
    "basic URL": "https://bob:{0}@example.com/repo.git",
    "ADO": "Server=db;Database=shop;User Id=sa;Password={0};Encrypt=True",
    "ODBC": "DRIVER={{ODBC Driver 18}};SERVER=db;UID=sa;PWD={0};",
    "JDBC": "jdbc:postgresql://db/shop?user=bob&password={0}",
    "Azure": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={0};EndpointSuffix=core",
    "login tuple": "requests.get(url, auth=('bob', '{0}'))",
    "login call": "smtp.login('bob', '{0}')",
    "German": 'Passwort = "{0}"',
    "Chinese": "密码：{0}",
    "question": "my password is {0} and it is refused",
    "question, longer": "The password for the wifi at home is {0}, it says.",
    "cut": 'password = "{0}',
    "after an escape": r"'host=h\npassword={0}\nuser=bob'",
    "f-string": 'f"password={0} host={{host}}"',
}


def private_key(random: Random, kind: str = "RSA ") -> str:
    """A block in the form of a private key."""
    body = base64.b64encode(random.randbytes(700)).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    edge = f"{kind}PRIVATE " + "KEY"
    return "\n".join([f"-----BEGIN {edge}-----", *lines, f"-----END {edge}-----"])
