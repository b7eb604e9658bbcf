from pathlib import Path

from shared.catalogue.bundled import bundled


def test_the_copies_of_a_folder_are_read_only_when_wanted(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("value: 1")
    (tmp_path / "bad.yaml").write_text("[")

    copies = bundled(tmp_path)

    assert sorted(copies) == ["bad", "good"]
    assert copies["good"]() == {"value": 1}
