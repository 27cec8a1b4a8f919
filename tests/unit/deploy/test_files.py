"""What the documents, the Makefile, the image and the pins say about each other."""

import importlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "DECISIONS.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted(ROOT.glob("services/*/README.md")),
]
REQUIREMENTS = sorted((ROOT / "requirements").glob("*.txt"))
PROGRAMS = {"registration", "matching", "reporting", "portal", "embedded"}


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text()
    return set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))


def pins(path: Path) -> dict[str, tuple[str, str]]:
    """Version and hashes by package; a package may have several pins, one a marker."""
    entries = re.split(r"\n(?=\S)", path.read_text().strip())
    matches = [re.match(r"(\S+?)(?:\[[\w,]+\])?==(\S+)(.*)", entry, re.DOTALL) for entry in entries]
    assert all(matches), path
    return {m[1]: (m[2], m[3]) for m in matches if m}


@pytest.mark.parametrize("path", [*DOCUMENTS, ROOT / ".ci" / "run"], ids=lambda p: p.name)
def test_what_a_document_asks_to_make_can_be_made(path: Path) -> None:
    text = path.read_text()
    asked = set(re.findall(r"(?:^    |`|&& )make ([a-z-]+)", text, re.MULTILINE))
    asked |= set(re.findall(r"^step ([a-z-]+)$", text, re.MULTILINE))
    assert asked <= targets()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_between_files_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text())
    local = [link for link in links if "://" not in link]
    missing = [link for link in local if not (path.parent / link).exists()]
    assert missing == []


@pytest.mark.parametrize("service", ["registration", "matching", "reporting", "portal"])
def test_every_setting_is_explained_to_operators(service: str) -> None:
    settings = importlib.import_module(f"techdock_{service}.settings").Settings
    rows = re.findall(
        r"^\| (`TECHDOCK_.*?) \|", (ROOT / "docs" / "operate.md").read_text(), re.MULTILINE
    )
    told = {name for row in rows for name in re.findall(r"_([A-Z_]+)`", row)}
    missing = {
        name
        for name in settings.model_fields
        if not any(each.endswith(name.upper()) for each in told)
    }
    assert missing == set()


def test_every_service_says_what_it_is_and_where_to_change_what() -> None:
    for path in ROOT.glob("services/*/pyproject.toml"):
        text = (path.parent / "README.md").read_text()
        named = re.findall(r"`(?:src/[a-z_]+/)?([a-z_]+(?:/[a-z_<>/.-]*|\.py))`", text)
        assert len(named) >= 5, f"{path.parent.name} names few of its files: {named}"


def test_help_lists_every_target_that_is_for_people() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = set(re.findall(r"^  make (\S+)", done.stdout, re.MULTILINE))
    assert listed == targets() - {"portal-assets"}


def test_every_package_of_ours_is_installed_by_make_and_by_the_image() -> None:
    packages = {
        str(path.parent.relative_to(ROOT))
        for path in [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]
    }
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", " ")
    listed = re.search(r"^packages := (.*)$", makefile, re.MULTILINE)
    assert listed
    assert set(listed[1].split()) == packages
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    assert {f"./{package}" for package in packages} <= set(dockerfile.split())


def test_what_the_image_copies_exists_and_is_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    through = [line[1:].split("/")[0] for line in ignored if line.startswith("!")]
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text().replace("\\\n", " ")
    copies = re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE)
    assert copies
    for sources in (line.split()[:-1] for line in copies):
        for source in sources:
            assert (ROOT / source).exists(), source
            assert source.split("/")[0] in through, source


def test_every_program_has_pins() -> None:
    assert {path.stem for path in REQUIREMENTS} == PROGRAMS | {"bootstrap", "dev", "node"}


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda p: p.stem)
def test_every_pin_has_hashes_and_no_address(path: Path) -> None:
    for package, (_, rest) in pins(path).items():
        assert "--hash=sha256:" in rest, package
    assert "://" not in path.read_text()


@pytest.mark.parametrize("program", sorted(PROGRAMS))
def test_what_runs_is_what_was_tested(program: str) -> None:
    tested = pins(ROOT / "requirements" / "dev.txt")
    for package, (version, _) in pins(ROOT / "requirements" / f"{program}.txt").items():
        assert tested[package][0] == version, package


def test_our_packages_can_be_built_with_the_pinned_builder() -> None:
    builder = pins(ROOT / "requirements" / "bootstrap.txt")["uv-build"][0]
    for path in [*ROOT.glob("*/pyproject.toml"), *ROOT.glob("services/*/pyproject.toml")]:
        required = tomllib.loads(path.read_text())["build-system"]["requires"]
        assert required == ["uv_build>=0.9,<1"], path
    assert (0, 9) <= tuple(map(int, builder.split(".")[:2])) < (1, 0)
