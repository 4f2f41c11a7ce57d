"""The letter as DOCX after GB/T 9704-2012, for officers who edit it in their office system. Only workers come here."""

import io

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from applications.letters import Letter

FANG, SONG, HEI = "仿宋_GB2312", "方正小标宋简体", "黑体"
BODY, TITLE, ISSUER, FOLIO, TABLE = Pt(16), Pt(22), Pt(36), Pt(14), Pt(9)
LINE = Mm(225 / 22)  # 22 lines in a type area of 225 mm
RED = RGBColor(0xB3, 0x26, 0x1E)
CENTRE, RIGHT = WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
WIDTHS = (9, 24, 32, 33, 20, 18, 19, 17, 15, 15, 11, 13, 24, 11)  # mm


def letter_docx(letter: Letter) -> bytes:
    document = Document()
    document.core_properties.author, document.core_properties.title = letter.agency, "".join(letter.title)
    normal = document.styles["Normal"]
    normal.font.size = BODY
    _fonts(normal.element.get_or_add_rPr(), FANG)
    _page(document.sections[0])

    _write(document, letter.agency, ISSUER, SONG, CENTRE, spacing=None, colour=RED)
    _rule(document.paragraphs[-1])
    _write(document, letter.recommendation.letter_number, align=RIGHT)
    _write(document, "")
    for line in letter.title:
        _write(document, line, TITLE, SONG, CENTRE, spacing=Pt(34))
    _write(document, "")
    _write(document, letter.addressee)
    for text in letter.paragraphs:
        _write(document, text, indent=2)
    _write(document, "")
    _write(document, f"附件：{letter.table_title}", indent=2)
    _write(document, "")
    for text in (letter.agency, letter.dated):
        _write(document, text, align=RIGHT).paragraph_format.right_indent = BODY * 4

    _table_page(document, letter)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(section) -> None:
    """A4 with the standard's margins; the folio between dashes, on the outer side of odd and even pages."""
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    _folio(section.footer.paragraphs[0])


def _folio(paragraph: Paragraph) -> None:
    paragraph.alignment = CENTRE
    for text, field in (("— ", ""), ("", "PAGE"), (" —", "")):
        run = paragraph.add_run(text)
        run.font.size = FOLIO
        _fonts(run._element.get_or_add_rPr(), "宋体")
        if field:
            _field(run, field)


def _field(run: Run, code: str) -> None:
    for kind in ("begin", "", "end"):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = code
        run._element.append(element)


def _write(
    document,
    text: str,
    size=BODY,
    font: str = FANG,
    align=None,
    *,
    indent: int = 0,
    spacing=LINE,
    colour: RGBColor | None = None,
) -> Paragraph:
    paragraph = document.add_paragraph()
    form = paragraph.paragraph_format
    form.alignment, form.space_before, form.space_after = align, Pt(0), Pt(0)
    form.first_line_indent = size * indent
    if spacing:
        form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, spacing
    run = paragraph.add_run(text)
    run.font.size = size
    if colour:
        run.font.color.rgb = colour
    _fonts(run._element.get_or_add_rPr(), font)
    return paragraph


def _fonts(properties, font: str) -> None:
    """Chinese in the standard's font, digits and Latin letters in a Times-like one."""
    fonts = properties.get_or_add_rFonts()
    for script, name in (("eastAsia", font), ("ascii", "Times New Roman"), ("hAnsi", "Times New Roman")):
        fonts.set(qn(f"w:{script}"), name)


def _rule(paragraph: Paragraph) -> None:
    """The red line below the issuing body."""
    borders, line = OxmlElement("w:pBdr"), OxmlElement("w:bottom")
    for name, value in (("val", "thickThinSmallGap"), ("sz", "24"), ("space", "6"), ("color", "B3261E")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    paragraph._element.get_or_add_pPr().append(borders)


def _table_page(document, letter: Letter) -> None:
    section = document.add_section()
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = Mm(297), Mm(210)
    section.top_margin = section.bottom_margin = Mm(22)
    section.left_margin = section.right_margin = Mm(18)
    _write(document, "附件", font=HEI)
    _write(document, letter.table_title, TITLE, SONG, CENTRE, spacing=Pt(34))
    _write(document, f"推荐单位（盖章）：{letter.agency}　　填报日期：{letter.dated}", Pt(12), spacing=Pt(24))
    table = document.add_table(rows=1, cols=len(letter.heads))
    table.style, table.autofit = "Table Grid", False
    for column, width in zip(table.columns, WIDTHS, strict=True):
        column.width = Mm(width)
    _fill(table.rows[0].cells, letter.heads, HEI)
    header = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(header)
    for row in letter.rows:
        _fill(table.add_row().cells, row, FANG)
    _write(document, letter.note, Pt(10.5), spacing=Pt(17))


def _fill(cells, texts: list[str], font: str) -> None:
    for cell, text, width in zip(cells, texts, WIDTHS, strict=True):
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        paragraph.alignment = CENTRE
        paragraph.paragraph_format.line_spacing = 1
        run = paragraph.add_run(text)
        run.font.size = TABLE
        _fonts(run._element.get_or_add_rPr(), font)
