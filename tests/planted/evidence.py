"""What the documents and the source claim of themselves: keys, hashes, tables, times, log lines, and whom it calls."""

from tests.planted.defect import Defect

DOCUMENTS = "tests/core/test_documents.py"
BROWSER = {"auth": "cookie", "jwt_algorithm": None}

DEFECTS = (
    Defect(
        name="a slash too many leads on to another address",
        file="app/core/application.py",
        old="            redirect_slashes=False,\n",
        new="            redirect_slashes=True,\n",
        red="tests/core/test_problem_details.py",
    ),
    Defect(
        name="everybody on the machine reads the backup",
        file="README.md",
        old="os.umask(0o077); ",
        new="",
        red="tests/core/test_sqlite.py",
        answers={"database": "sqlite"},
    ),
    Defect(
        name="a page on any origin may read every answer",
        file="app/headers/__init__.py",
        old='    "X-Frame-Options": "DENY",\n',
        new='    "X-Frame-Options": "DENY",\n    "Access-Control-Allow-Origin": "*",\n',
        red="tests/headers/test_headers.py",
    ),
    Defect(
        name="a hash that is broken, by the name of a good one",
        file="app/accounts/service.py",
        old="from hashlib import sha256\n",
        new="from hashlib import sha1 as sha256\n",
        red="tests/core/test_source.py",
    ),
    Defect(
        name="the application calls another server",
        file="app/notes/service.py",
        old="from uuid import UUID\n",
        new="from urllib import request\nfrom uuid import UUID\n",
        red="tests/core/test_source.py",
    ),
    Defect(
        name="a module takes to cryptography, and no document says so",
        file="app/notes/service.py",
        old="from uuid import UUID\n",
        new="import hashlib\nfrom uuid import UUID\n",
        red=DOCUMENTS,
    ),
    Defect(
        name="a key that no document lists",
        file="app/accounts/__init__.py",
        old='"login-throttle/HMAC-SHA256/1"',
        new='"login-throttle/HMAC-SHA256/2"',
        red=DOCUMENTS,
    ),
    Defect(
        name="a secret column that no document lists",
        file="app/notes/models.py",
        old="    title: Mapped[str] = mapped_column(String(200))\n",
        new="    title: Mapped[str] = mapped_column(String(200))\n    link_hash: Mapped[str] = mapped_column(Text)\n",
        red=DOCUMENTS,
    ),
    Defect(
        name="a deviation that does not say how grave it is",
        file="SECURITY.md",
        old="ASVS V6.3.3 (level 2)",
        new="ASVS V6.3.3",
        red=DOCUMENTS,
    ),
    Defect(
        name="passwords may be made of parts of an address, and the document says otherwise",
        file="app/accounts/policy.py",
        old='    return names | set(re.split(r"[\\W\\d_]+", f"{local} {service}"))\n',
        new="    return names\n",
        red=DOCUMENTS,
    ),
    Defect(
        name="an account has more notes than the document says",
        file="app/notes/service.py",
        old="MOST_NOTES = 1_000",
        new="MOST_NOTES = 1_001",
        red="tests/notes/test_notes.py",
    ),
    Defect(
        name="a browser's session lasts longer than the document says",
        file="app/cookies/settings.py",
        old="default=8 * _HOUR",
        new="default=9 * _HOUR",
        red="tests/cookies/test_documents.py",
        answers=BROWSER,
    ),
    Defect(
        name="others believe a token for longer than the document says",
        file="app/bearer/settings.py",
        old="default=600,",
        new="default=1200,",
        red="tests/bearer/test_jwks.py",
        answers={"jwt_algorithm": "ES256"},
    ),
    Defect(
        name="a caller chooses how long a line of the log is",
        file="app/core/log.py",
        old="isinstance(value, str) and len(value) > _LONGEST_SENT",
        new="False",
        red="tests/core/test_log.py::test_a_caller_does_not_choose_how_long_a_line_is",
    ),
    Defect(
        name="what is not written down is escaped all the same",
        file="app/core/log.py",
        old="(_cut_what_was_sent, _keep_on_one_line, _cut_what_was_sent)",
        new="(_keep_on_one_line, _cut_what_was_sent)",
        red="tests/core/test_log.py::test_what_is_cut_off_is_not_escaped_before",
    ),
)
