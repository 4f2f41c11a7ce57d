"""Templates as PDF."""

import tempfile

from core import rendering


def test_the_copies_of_the_fonts_go_with_the_document(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    pdf = rendering.render_pdf("documents/page_numbers.html", {"pages": [1], "total": 1})
    assert (pdf[:5], [*tmp_path.iterdir()]) == (b"%PDF-", [])
