"""Write the generated tables of the documents anew: `python -m tools.write_tables`.

A generated table stands between `<!-- NAME: begin (python -m MODULE) -->` and `<!-- NAME: end -->`; what the module
prints goes between them. A test holds every table equal to what its module prints.
"""

import re
import subprocess
import sys
from pathlib import Path

TABLE = re.compile(
    r"(?P<begin><!-- (?P<name>\w+): begin \([^)]*?python -m (?P<module>[\w.]+)\) -->\n)"
    r".*?(?P<end><!-- (?P=name): end -->)",
    re.DOTALL,
)


def printed(module: str) -> str:
    """Return what `python -m MODULE` prints, without any markers of its own."""
    ended = subprocess.run([sys.executable, "-m", module], capture_output=True, text=True, check=True)  # noqa: S603 (ours)
    return re.sub(r"^<!-- .*? -->\n", "", ended.stdout, flags=re.MULTILINE)


def renewed(document: str) -> str:
    """Return the document with every table renewed."""
    return TABLE.sub(lambda found: found["begin"] + printed(found["module"]) + found["end"], document)


def main(root: Path) -> None:
    """Renew every document that lies in the root or below docs/."""
    for path in [*root.glob("*.md"), *root.glob("docs/**/*.md")]:
        before = path.read_text()
        after = renewed(before)
        if after != before:
            path.write_text(after)
            sys.stdout.write(f"{path}: written anew\n")


if __name__ == "__main__":
    main(Path.cwd())
