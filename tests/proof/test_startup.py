"""The start of a render with the servers that its `.env` asks for."""

import os
import sys
from pathlib import Path

import pytest

import bastion.proof.servers
from bastion.proof.rows.commands import Commands
from bastion.proof.rows.startup import Complaint, Place, start

SERVER = """\
import signal
import sys

sys.stdout.buffer.write(b"Se\\xf1or, this is Latin-1\\nstore://127.0.0.1:1/0\\n")
sys.stdout.flush()
signal.pause()
"""

MANAGE = """\
import os
import sys

sys.exit("migrates " + os.environ["STORE_URL"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to wait for")
def test_a_server_may_write_what_is_no_utf8(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL writes its messages in the encoding of the machine's locale."""
    project = tmp_path / "project"
    files = {"servers/store.py": SERVER, "project/app/manage.py": MANAGE, "project/.env": "STORE_URL=store://any\n"}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(bastion.proof.servers, "__file__", str(tmp_path / "servers" / "__init__.py"))
    place = Place(project, tmp_path, sys.executable, os.environ, Commands())

    with pytest.raises(Complaint, match="migrate fails") as told:
        start(place, tmp_path / "seen", ())

    assert told.value.output == "migrates store://127.0.0.1:1/0"
