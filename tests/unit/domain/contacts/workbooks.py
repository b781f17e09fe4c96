"""XLSX files made by hand, so that their parts hold just what a test wants."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(
    sheets: Sequence[tuple[str, str, str]], shared: str = "", more: dict[str, bytes] | None = None, after: str = ""
) -> bytes:
    """A workbook of sheets (name, state, rows as XML) and shared strings (as XML); `after` follows the rows."""
    names = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{n}" state="{state}" r:id="rId{n}"/>'
        for n, (name, state, _) in enumerate(sheets, 1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    relations += f'<Relationship Id="rId99" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}">{relations}</Relationships>',
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
    }
    for n, (_, _, rows) in enumerate(sheets, 1):
        data = f"<sheetData>{rows}</sheetData>{after}"
        parts[f"xl/worksheets/sheet{n}.xml"] = f'<worksheet xmlns="{_MAIN}">{data}</worksheet>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, '<?xml version="1.0" encoding="UTF-8"?>' + text)
        for name, octets in (more or {}).items():
            archive.writestr(name, octets)
    return out.getvalue()


def inline_rows(*rows: Sequence[str], hidden: Sequence[int] = ()) -> str:
    """Rows of texts that stand in their cells; rows by number may be hidden."""
    return "".join(
        f'<row r="{n}"{" hidden=" + chr(34) + "1" + chr(34) if n in hidden else ""}>'
        + "".join(
            f'<c r="{chr(64 + place)}{n}" t="inlineStr"><is><t>{cell}</t></is></c>'
            for place, cell in enumerate(cells, 1)
        )
        + "</row>"
        for n, cells in enumerate(rows, 1)
    )


def shared_rows(count: int, width: int = 10, type_attribute: str = 't="s"', index: int = 0) -> str:
    """Rows whose cells all refer to one shared text."""
    return "".join(
        f'<row r="{n}">'
        + "".join(f'<c r="{chr(65 + place)}{n}" {type_attribute}><v>{index}</v></c>' for place in range(width))
        + "</row>"
        for n in range(1, count + 1)
    )
