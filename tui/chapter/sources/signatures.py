"""The first bytes by which archives are known whatever they are called, apart from what reads them."""

ZIP = b"PK\x03\x04"
RAR = b"Rar!\x1a\x07"
SEVEN_ZIP = b"7z\xbc\xaf\x27\x1c"
PDF = b"%PDF-"
TAR, TAR_AT = b"ustar", 257
"""In the first header of every tar but those of the seventies."""
