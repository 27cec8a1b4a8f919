"""What docker-compose.yml promises: nothing to guess, nothing open, nothing started too early."""

import ipaddress
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
COMPOSE = ROOT / "docker-compose.yml"
# Runs once and ends: what waits for it waits for its success.
ONCE = {"secrets"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


def test_every_program_of_the_architecture_is_there(services: dict[str, Any]) -> None:
    servers = {"secrets", "kafka", "postgres", "redis", "gateway"}
    programs = {"registration", "matching", "matching-worker", "reporting", "portal"}
    assert set(services) == servers | programs


def test_every_service_that_stays_says_whether_it_is_healthy(services: dict[str, Any]) -> None:
    silent = {name for name, service in services.items() if "healthcheck" not in service}
    assert silent == ONCE


def test_everybody_waits_for_health_and_not_just_for_a_start(services: dict[str, Any]) -> None:
    for name, service in services.items():
        waits = service.get("depends_on", {})
        assert isinstance(waits, dict), f"{name} waits for a bare start"
        for other, wait in waits.items():
            once = "service_completed_successfully"
            expected = once if other in ONCE else "service_healthy"
            assert wait == {"condition": expected}, f"{name} on {other}"


def test_only_the_gateway_is_reached_from_outside_and_only_from_this_machine(
    services: dict[str, Any],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"gateway"}
    assert all(port.startswith("127.0.0.1:") for port in published["gateway"])


def test_images_name_their_version(services: dict[str, Any]) -> None:
    for name, service in services.items():
        _, _, tag = service["image"].partition(":")
        assert re.match(r"\d+\.\d+", tag), f"{name}: {service['image']}"


def test_base_images_name_their_version() -> None:
    dockerfile = (ROOT / "deploy" / "Dockerfile").read_text()
    arguments = dict(re.findall(r"^ARG (\w+)=(\S+)$", dockerfile, re.MULTILINE))
    bases = re.findall(r"^FROM \w+:\$\{(\w+)\}", dockerfile, re.MULTILINE)
    assert bases
    for base in bases:
        assert re.match(r"\d", arguments[base]), base


def test_no_password_is_written_down(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("PASSWORD|SECRET|KEY|TOKEN|DATABASE_URL|REDIS_URL", variable):
                assert str(value).startswith("/secrets"), f"{name}: {variable}={value}"
            assert "://" not in str(value) or "@" not in str(value), f"{name}: {variable}"


def test_a_program_is_given_its_own_secrets_only(services: dict[str, Any]) -> None:
    for name, service in services.items():
        if name in ONCE:
            continue
        secrets = [v for v in service.get("volumes", []) if ":/secrets" in v]
        owner = name.removesuffix("-worker")
        assert secrets in ([], [f"{owner}-secrets:/secrets:ro"]), name


def test_programs_of_ours_have_no_rights_to_lose(services: dict[str, Any]) -> None:
    ours = {n: s for n, s in services.items() if s["image"].startswith("techdock")}
    for name, service in ours.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert ("user" in service) == (name in ONCE), name
    assert "USER 10001" in (ROOT / "deploy" / "Dockerfile").read_text()


def test_every_volume_and_every_mounted_file_exists(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (ROOT / source).exists(), f"{name}: {source}"
            else:
                assert source in compose["volumes"], f"{name}: {source}"


def test_every_program_that_is_asked_believes_the_gateway(services: dict[str, Any]) -> None:
    for name in ("registration", "matching", "reporting", "portal"):
        believed = services[name]["environment"][f"TECHDOCK_{name.upper()}_GATEWAYS"]
        networks = [ipaddress.ip_network(network) for network in believed.split(",")]
        assert all(network.is_private for network in networks), name
        # Nobody but our own programs is on its networks, so the addresses cannot be forged.
        assert set(services[name]["networks"]) <= {"inside", "outside"}
        assert "ports" not in services[name]
