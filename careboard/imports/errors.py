"""What can be wrong with a file as a whole."""


class UnreadableFile(Exception):
    """The file cannot be read as a table.

    `code` is one of: not_found, empty, not_a_table, no_header, too_big, too_many_rows,
    too_many_columns, archive_unsafe, encrypted, no_sheet, bad_encoding, too_much. `message` says
    in plain words what is wrong and what to do.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


# Limits: data-shapes.md 6.3 point 17 (200,000-row files, blank rows by the million, zip bombs).
MAX_BYTES = 60 * 1024 * 1024
MAX_ROWS = 500_000
MAX_COLUMNS = 250
MAX_UNPACKED = 50 * 1024 * 1024
MAX_RATIO = 100
MAX_MEMBERS = 2_000
