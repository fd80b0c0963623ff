"""Made-up advisories."""

from collections.abc import Mapping
from pathlib import Path

import yaml

ADVISORY = {
    "id": "BASTION-2026-001",
    "affected": ">=0.1,<0.2",
    "severity": "high",
    "summary": "A refresh token outlives its family.",
    "remedy": "run `bastion update`",
}


def list_in(folder: Path, *advisories: Mapping[str, object], updated: str = "2999-01-01") -> Path:
    file = folder / "advisories.yml"
    file.write_text(yaml.safe_dump({"updated": updated, "advisories": [*advisories]}), encoding="utf-8")
    return file
