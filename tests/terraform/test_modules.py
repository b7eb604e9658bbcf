"""Modules as their next reader meets them: described, and with an example that is tested."""

import re
from pathlib import Path

import pytest

from tests.support.terraform_source import TERRAFORM

MODULES = sorted(path for path in TERRAFORM.glob("modules/*") if path.is_dir())
FOLDERS = [TERRAFORM, *MODULES]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_the_example_of_a_readme_is_what_its_tests_use(module: Path) -> None:
    test = (module / "tests" / f"{module.name}.tftest.hcl").read_text()
    used = re.search(r"^variables \{\n(.*?)^\}", test, re.DOTALL | re.MULTILINE)
    example = re.search(r'  source = "(\S+)"\n\n(.*?)^\}', (module / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert used is not None
    assert example is not None
    assert example.groups() == (f"./modules/{module.name}", used.group(1))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
@pytest.mark.parametrize("kind", ["variable", "output"])
def test_every_variable_and_output_is_described(folder: Path, kind: str) -> None:
    content = (folder / f"{kind}s.tf").read_text()
    blocks = re.findall(rf'^{kind} "(\w+)" \{{\n(.*?)^\}}', content, re.DOTALL | re.MULTILINE)
    assert [name for name, block in blocks if not re.search(r'^  description += "\S.*[.…]"', block, re.MULTILINE)] == []


def test_every_variable_of_the_root_is_given_or_has_a_default_in_each_environment() -> None:
    content = (TERRAFORM / "variables.tf").read_text()
    blocks = re.findall(r'^variable "(\w+)" \{\n(.*?)^\}', content, re.DOTALL | re.MULTILINE)
    needed = {name for name, block in blocks if not re.search(r"^  default ", block, re.MULTILINE)}
    for path in TERRAFORM.glob("environments/*.tfvars"):
        assigned = set(re.findall(r"^(\w+) +=", path.read_text(), re.MULTILINE))
        assert (path.name, needed - assigned, assigned - dict(blocks).keys()) == (path.name, set(), set())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_the_provider_is_pinned_to_the_same_versions_everywhere(folder: Path) -> None:
    content = (folder / "versions.tf").read_text()
    assert re.findall(r'(?:version|required_version) += "(.+)"', content) == [">= 1.7", "~> 6.50"]


def test_a_skip_of_a_policy_says_why() -> None:
    skips = [
        line for path in TERRAFORM.rglob("*.tf") for line in path.read_text().splitlines() if "checkov:skip" in line
    ]
    assert [line for line in skips if not re.search(r"checkov:skip=\w+:\S.{20,}", line)] == []
