# docs/reference.md is written by `iovsim reference --out docs/reference.md`.
iovsim reference | diff "$IOVSIM_LIBRARY/../../docs/reference.md" - && echo "docs/reference.md is current"
