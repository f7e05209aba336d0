"""The @{package} package."""

__all__ = ["add"]


def add(a: int, b: int) -> int:
    return a + b
