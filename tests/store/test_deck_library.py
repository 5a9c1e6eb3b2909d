"""Decks are found where they lie, by name, and a broken file harms no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.core.case import Case, Deck
from companion.core.errors import DeckError
from companion.core.finding import Finding
from companion.home import Home, shipped
from companion.store.deck_library import DeckLibrary, files_to_check
from tests.core.findings import FILE, HIGH, LOW, TEXT

STEMI = shipped("decks") / "cardiology" / "inferior-stemi.md"


def put(root: Path, deck: str, id: str, *, title: str = "A title") -> Path:
    text = STEMI.read_text(encoding="utf-8")
    text = text.replace("id: inferior-stemi", f"id: {id}").replace(
        "title: A shopkeeper with an ache in the chest", f"title: {title}"
    )
    file = root / deck / f"{id}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def put_findings(root: Path, deck: str, text: str = TEXT, name: str = "elements") -> Path:
    file = root / deck / f"{name}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_the_shipped_decks_are_there(home: Home) -> None:
    library = DeckLibrary.of(home)
    assert {"cardiology", "endocrine", "respiratory"} <= {deck.name for deck in library.decks}
    assert library.case("inferior-stemi").title == "A shopkeeper with an ache in the chest"
    assert library.deck_of("inferior-stemi").name == "cardiology"
    assert library.broken == ()


def test_the_users_decks_stand_beside_the_shipped_ones(home: Home) -> None:
    put(home.decks, "mine", "first")
    put(home.decks, "cardiology", "second")
    library = DeckLibrary.of(home)
    assert [case.id for case in library.deck("mine").cases] == ["first"]
    assert {"inferior-stemi", "second"} <= {case.id for case in library.deck("cardiology").cases}


def test_a_users_case_takes_the_place_of_the_shipped_one_with_its_id(home: Home) -> None:
    put(home.decks, "mine", "inferior-stemi", title="My own version")
    library = DeckLibrary.of(home)
    assert library.case("inferior-stemi").title == "My own version"
    assert [deck.name for deck in library.decks for case in deck.cases if case.id == "inferior-stemi"] == ["mine"]


def test_a_name_nearly_right_is_offered(home: Home) -> None:
    library = DeckLibrary.of(home)
    for look_up, meant in (
        (lambda: library.deck("cardiolgy"), "cardiology"),
        (lambda: library.case("inferior-steni"), "inferior-stemi"),
        (lambda: library.question("inferior-stemi", "teritory"), "territory"),
        (lambda: library.find("ketoacidosi"), "ketoacidosis"),
    ):
        with pytest.raises(DeckError) as error:
            look_up()
        assert error.value.hint == f"Did you mean “{meant}”?"


def test_a_name_nothing_like_any_lists_what_there_is(tmp_path: Path) -> None:
    put(tmp_path, "mine", "first")
    with pytest.raises(DeckError) as error:
        DeckLibrary([tmp_path]).deck("zzz")
    assert error.value.hint == "There are: mine."
    with pytest.raises(DeckError) as error:
        DeckLibrary([tmp_path / "nowhere"]).deck("zzz")
    assert error.value.hint == "There are none yet."


def test_find_takes_a_deck_or_a_case(home: Home) -> None:
    library = DeckLibrary.of(home)
    assert isinstance(library.find("cardiology"), Deck)
    assert isinstance(library.find("inferior-stemi"), Case)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe bad", ":1: The file is not UTF-8 text."),
        (b"---\nid: x\n---\n\ntext \xe9", ":5: The file is not UTF-8 text."),
        (b"no front matter", ":1: The file must begin with front matter"),
        (b"x" * 1_000_001, "too large to be a case"),
    ],
)
def test_a_broken_file_is_told_and_leaves_the_rest_of_its_deck(tmp_path: Path, content: bytes, said: str) -> None:
    put(tmp_path, "mine", "first")
    (tmp_path / "mine" / "broken.md").write_bytes(content)
    library = DeckLibrary([tmp_path])
    assert [case.id for case in library.deck("mine").cases] == ["first"]
    (error,) = library.broken
    assert said in error.message
    with pytest.raises(DeckError, match="broken"):
        library.case("broken")


def test_a_deck_of_which_nothing_can_be_read_tells_why(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "broken.md").write_text("nothing")
    with pytest.raises(DeckError, match="must begin with front matter"):
        DeckLibrary([tmp_path]).deck("mine")


def test_a_folder_named_like_a_case_is_told(tmp_path: Path) -> None:
    (tmp_path / "mine" / "odd.md").mkdir(parents=True)
    (error,) = DeckLibrary([tmp_path]).broken
    assert "The file cannot be read" in error.message


def test_two_cases_of_one_folder_with_one_id_are_told(tmp_path: Path) -> None:
    put(tmp_path, "mine", "first")
    put(tmp_path, "other", "first")
    library = DeckLibrary([tmp_path])
    assert "is also that of" in library.broken[0].message
    assert [deck.name for deck in library.decks] == ["mine"]


def test_notes_beside_the_cases_are_not_cases(tmp_path: Path) -> None:
    put(tmp_path, "mine", "first")
    for name in ("README.md", ".hidden.md", "_draft.md"):
        (tmp_path / "mine" / name).write_text("Notes.")
    (tmp_path / "FORMAT.md").write_text("How.")
    library = DeckLibrary([tmp_path])
    assert [case.id for deck in library.decks for case in deck.cases] == ["first"]
    assert library.broken == ()


def test_a_path_to_check_is_a_file_a_deck_or_a_folder_of_decks(tmp_path: Path) -> None:
    file = put(tmp_path, "my [deck]", "first")
    assert files_to_check(file) == files_to_check(file.parent) == files_to_check(tmp_path) == [file]
    with pytest.raises(DeckError, match="no file or folder"):
        files_to_check(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DeckError, match="no cases"):
        files_to_check(tmp_path / "empty")


def test_the_shipped_findings_are_a_deck_without_cases(home: Home) -> None:
    library = DeckLibrary.of(home)
    deck = library.deck("findings")
    assert deck.cases == ()
    assert {file.id for file in deck.findings_files} >= {"ecg", "chest-film", "blood-gases", "murmurs"}
    assert len(library.findings) >= 64
    assert library.finding("left-bundle-branch-block").name == "Left bundle branch block"
    assert library.findings_file_of("left-bundle-branch-block").id == "ecg"


def test_findings_may_stand_beside_cases_and_are_no_cases(tmp_path: Path) -> None:
    put(tmp_path, "mine", "first")
    put_findings(tmp_path, "mine")
    library = DeckLibrary([tmp_path])
    (deck,) = library.decks
    assert [case.id for case in deck.cases] == ["first"]
    assert deck.findings_files == (FILE,)
    assert library.findings == (HIGH, LOW)
    assert library.broken == ()


def test_a_users_finding_takes_the_place_of_the_shipped_one_with_its_id(tmp_path: Path) -> None:
    put_findings(tmp_path / "shipped", "findings")
    mine = TEXT.replace("The pump may stop.", "I know better.")
    put_findings(tmp_path / "mine", "my-findings", mine[: mine.index("## low")])
    library = DeckLibrary([tmp_path / "shipped", tmp_path / "mine"])
    assert [finding.id for finding in library.findings] == ["low-unobtainium", "high-unobtainium"]
    assert library.finding("high-unobtainium").means == "I know better."


def test_a_file_of_findings_that_is_wholly_replaced_leaves_no_empty_deck(tmp_path: Path) -> None:
    put_findings(tmp_path / "shipped", "findings")
    put_findings(tmp_path / "mine", "my-findings")
    library = DeckLibrary([tmp_path / "shipped", tmp_path / "mine"])
    assert [deck.name for deck in library.decks] == ["my-findings"]


def test_two_findings_of_one_folder_with_one_id_are_told(tmp_path: Path) -> None:
    put_findings(tmp_path, "one")
    put_findings(tmp_path, "two")
    library = DeckLibrary([tmp_path])
    (error,) = library.broken
    assert "The id “high-unobtainium” is also that of" in error.message
    assert [deck.name for deck in library.decks] == ["one"]


def test_a_broken_file_of_findings_is_told(tmp_path: Path) -> None:
    put(tmp_path, "mine", "first")
    file = put_findings(tmp_path, "mine", TEXT.replace("**Next:** Give food.", ""))
    (error,) = DeckLibrary([tmp_path]).broken
    assert error.message.startswith(f"{file}:") and "has no “**Next:**”" in error.message


def test_a_finding_is_found_by_its_id_or_the_nearest_is_offered(home: Home) -> None:
    library = DeckLibrary.of(home)
    assert isinstance(library.find("papilloedema"), Finding)
    with pytest.raises(DeckError) as error:
        library.finding("papiloedema")
    assert error.value.hint == "Did you mean “papilloedema”?"
    with pytest.raises(DeckError) as error:
        library.find("papiloedema")
    assert error.value.hint == "Did you mean “papilloedema”?"
