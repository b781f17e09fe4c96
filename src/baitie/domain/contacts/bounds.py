"""How large a contact file may be. Beyond these a file is refused as a whole, or the row is rejected."""

FILE_BYTES_MAX = 128 * 1024 * 1024
"""A million rows of some 130 octets."""

ROWS_MAX = 1_000_000
"""About what a sheet of XLSX holds (2^20)."""

COLUMNS_MAX = 200

CELL_CHARS_MAX = 500
"""Longer than any value that a card or a script may speak; a longer cell is a slip of the export."""

UNPACKED_BYTES_MAX = 1024 * 1024 * 1024
"""What the parts of an XLSX may unpack to: eight times the largest file."""

UNPACKED_FREE_BYTES = 256 * 1024 * 1024
UNPACKED_SHARE_MAX = 50
"""What is larger may unpack to so many times the file: sheets of real lists come to ten or twenty times theirs."""

SHARED_TEXT_BYTES_MAX = 512 * 1024 * 1024
"""What the shared texts of an XLSX may come to when each cell has its own copy; a text is kept once in the file."""

TEXT_BYTES_MAX = 128 * 1024
"""No single text of an XLSX is longer: spreadsheets hold 32,767 characters in a cell, of at most four octets."""

SHEET_CELLS_MAX = 30_000_000
"""Rows times columns of the rectangle that a sheet spans: it is held whole in memory while it is read."""
