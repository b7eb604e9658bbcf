"""CRC32C, by which Google's services let a client check that what it sent or got is whole."""

_CASTAGNOLI = 0x82F63B78  # the polynomial, reflected (RFC 3720, appendix B.4)


def crc32c(data: bytes) -> int:
    """The CRC32C of `data`, bit by bit: what is checked here is short, and seldom."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CASTAGNOLI if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
